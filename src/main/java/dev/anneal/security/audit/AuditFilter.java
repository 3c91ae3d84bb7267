package dev.anneal.security.audit;

import dev.anneal.security.AuthenticationResult;
import dev.anneal.security.Operation;
import dev.anneal.security.OperationPermissions;
import dev.anneal.text.Cut;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.PathContainer;
import org.springframework.web.filter.OncePerRequestFilter;

/** Writes one row of the audit log for every requested change. It surrounds all filters that may refuse the request. */
public class AuditFilter extends OncePerRequestFilter {
    private static final Logger log = LoggerFactory.getLogger(AuditFilter.class);
    private static final int MAX_CHARACTERS = 200;

    private final AuditLog audit;

    public AuditFilter(AuditLog audit) {
        this.audit = audit;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        Optional<Operation> change = OperationPermissions.of(request).filter(Operation::changes);
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
        String location = response.getHeader(HttpHeaders.LOCATION);
        String resource = resource(location == null ? request.getRequestURI() : location);
        String row = AuditBeforeChangeFilter.row(request);
        try {
            if (row == null) { // the request was refused before the change began
                audit.add(asked(change, request), resource, status);
            } else {
                audit.answered(row, resource, status);
            }
        } catch (DataAccessException lost) {
            log.error("cannot write the audit log: {} of {} was answered with {}", change.id(), resource, status, lost);
        }
    }

    static AuditLog.Asked asked(Operation change, HttpServletRequest request) {
        AuthenticationResult who = AuthenticationResult.of(request);
        return new AuditLog.Asked(
                who.subject(),
                bounded(who.name()),
                who.project(),
                change.id(),
                request.getRemoteAddr(),
                bounded(request.getHeader(HttpHeaders.USER_AGENT)));
    }

    /** Returns the id in the path, decoded because a client may encode it (%64s_…). */
    static @Nullable String resource(String path) {
        List<PathContainer.Element> elements =
                PathContainer.parsePath(path).elements(); // /, api, /, v1, /, jobs, /, id, …
        return elements.size() > 7 && elements.get(7) instanceof PathContainer.PathSegment id
                ? bounded(id.valueToMatch())
                : null;
    }

    private static @Nullable String bounded(@Nullable String text) {
        if (text == null) {
            return null;
        }
        return Cut.to(text.replace("\0", ""), MAX_CHARACTERS);
    }
}
