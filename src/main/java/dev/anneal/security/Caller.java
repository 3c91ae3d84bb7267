package dev.anneal.security;

import jakarta.servlet.http.HttpServletRequest;
import java.security.Principal;
import java.time.Instant;
import java.util.Optional;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;

/**
 * Who makes the request. {@code subject} is a key's id or the subject of a token, {@code project} the one that the request
 * is about: the caller's own, or, where the server's admin calls, {@code default} or the one that the header
 * {@value #PROJECT_HEADER} names. A token is good {@code until} then; of a key, which may be revoked too, it is null.
 */
public record Caller(String subject, String name, String project, Role role, boolean serverAdmin, Instant until)
        implements Principal {
    /** Names the project in which the server's admin works. */
    public static final String PROJECT_HEADER = "Anneal-Project";

    public static final String DEFAULT_PROJECT = "default";

    /** What servlets call the caller: by it limits are counted. */
    @Override
    public String getName() {
        return subject;
    }

    /** Within a request that needs a key; elsewhere nobody calls, and asking is a mistake. */
    public static Caller current() {
        return ifAny().orElseThrow(() -> new IllegalStateException("nobody calls: this is no request with a key"));
    }

    /** The project that the request names, which is then the caller's; null where it names none. */
    public static String named(HttpServletRequest request) {
        return request.getHeader(PROJECT_HEADER);
    }

    /** For the few operations that need more than their role, because of what they are called on. */
    public void requireServerAdmin(String what) {
        if (!serverAdmin) {
            throw Refusals.forbidden(what, RequiredRole.server_admin, this);
        }
    }

    /** Empty where nobody is known: in a worker, a timer, or a request that needs no key. */
    public static Optional<Caller> ifAny() {
        Authentication known = SecurityContextHolder.getContext().getAuthentication();
        return known != null && known.getPrincipal() instanceof Caller caller ? Optional.of(caller) : Optional.empty();
    }
}
