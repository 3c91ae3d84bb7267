package dev.anneal.security.audit;

import dev.anneal.security.Operation;
import dev.anneal.security.OperationPermissions;
import dev.anneal.web.Problem;
import dev.anneal.web.ProblemWriter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.web.filter.OncePerRequestFilter;

/** Adds the audit row of an allowed change before the change is made, so that a crash leaves no change without a row. */
public class AuditBeforeChangeFilter extends OncePerRequestFilter {
    private static final Logger log = LoggerFactory.getLogger(AuditBeforeChangeFilter.class);
    private static final String ROW = AuditBeforeChangeFilter.class.getName();

    private final AuditLog audit;

    public AuditBeforeChangeFilter(AuditLog audit) {
        this.audit = audit;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        Optional<Operation> change = OperationPermissions.of(request).filter(Operation::changes);
        if (change.isPresent()) {
            try {
                request.setAttribute(
                        ROW,
                        audit.add(
                                AuditFilter.asked(change.get(), request),
                                AuditFilter.resource(request.getRequestURI()),
                                null));
            } catch (DataAccessException gone) {
                log.error("cannot write the audit log, so the change is refused", gone);
                ProblemWriter.write(Problem.databaseUnavailable(), request, response);
                return;
            }
        }
        chain.doFilter(request, response);
    }

    /** Returns the id of the row that was added for the request, if any. */
    static @Nullable String row(HttpServletRequest request) {
        return (String) request.getAttribute(ROW);
    }
}
