package dev.anneal.security;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.web.filter.OncePerRequestFilter;

/** Writes one row of the audit log for every change that is asked for, around all that may refuse it. */
class AuditFilter extends OncePerRequestFilter {
    private static final Logger log = LoggerFactory.getLogger(AuditFilter.class);
    private static final int MAX_CHARACTERS = 200;

    private final AuditLog audit;

    AuditFilter(AuditLog audit) {
        this.audit = audit;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        Optional<Operation> change = Operations.of(request).filter(Operation::changes);
        boolean answered = false;
        try {
            chain.doFilter(request, response);
            answered = true;
        } finally {
            if (change.isPresent()) {
                record(change.get(), request, response, answered ? response.getStatus() : 500);
            }
        }
    }

    private void record(Operation change, HttpServletRequest request, HttpServletResponse response, int status) {
        Presented who = Presented.of(request);
        try {
            audit.add(
                    new Presented(null, null, who.subject(), bounded(who.name()), who.project()),
                    change.id(),
                    bounded(resource(request, response)),
                    status,
                    request.getRemoteAddr(),
                    bounded(request.getHeader(HttpHeaders.USER_AGENT)));
        } catch (DataAccessException lost) {
            log.error("cannot log that {} asked for {}: {}", who.subject(), change.id(), status, lost);
        }
    }

    /** The id in the path, or of what was made. */
    private static String resource(HttpServletRequest request, HttpServletResponse response) {
        String location = response.getHeader(HttpHeaders.LOCATION);
        String path = location == null ? request.getRequestURI() : location;
        String[] parts = path.split("/", -1); // "", api, v1, jobs, id, …
        return parts.length > 4 ? parts[4] : null;
    }

    private static String bounded(String text) {
        if (text == null) {
            return null;
        }
        String clean = text.replace("\0", "");
        return clean.length() > MAX_CHARACTERS ? clean.substring(0, MAX_CHARACTERS) : clean;
    }
}
