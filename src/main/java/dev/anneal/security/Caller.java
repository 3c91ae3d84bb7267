package dev.anneal.security;

import jakarta.servlet.http.HttpServletRequest;
import java.security.Principal;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;

/**
 * The caller of a request.
 *
 * @param subject the id of a key, or the subject of a token
 * @param project the project of the request: the caller's own, or for the server's admin the one in the header
 *     {@value #PROJECT_HEADER}, which defaults to {@value #DEFAULT_PROJECT}
 * @param until when a token expires; a key has none, because its expiry is looked up
 * @param session the SHA-256 of the secret of a session of the page; null for a call with a key or token
 */
public record Caller(
        String subject,
        String name,
        String project,
        Role role,
        boolean serverAdmin,
        @Nullable Instant until,
        @Nullable String session)
        implements Principal {
    /** The header with the project in which the server's admin works. */
    public static final String PROJECT_HEADER = "Anneal-Project";

    public static final String DEFAULT_PROJECT = "default";

    /** Makes a caller with a key or a token. */
    public Caller(
            String subject, String name, String project, Role role, boolean serverAdmin, @Nullable Instant until) {
        this(subject, name, project, role, serverAdmin, until, null);
    }

    /** Returns the same caller, in a session of the page. */
    public Caller in(String session) {
        return new Caller(subject, name, project, role, serverAdmin, until, session);
    }

    /** Returns the subject. Limits are counted by this name. */
    @Override
    public String getName() {
        return subject;
    }

    /** Returns the caller of the current request. Throws outside of a request that requires a key. */
    public static Caller current() {
        return ifAny().orElseThrow(
                        () -> new IllegalStateException("there is no caller outside of a request with a key"));
    }

    /** Returns the project in the header of the request, if any. */
    public static @Nullable String named(HttpServletRequest request) {
        return request.getHeader(PROJECT_HEADER);
    }

    /** Throws unless the server's admin calls. For operations that require more than their role for some resources. */
    public void requireServerAdmin(String what) {
        if (!serverAdmin) {
            throw RequiredRole.server_admin.missing(what, this);
        }
    }

    /** Returns the caller, or nothing in a worker, a scheduled task, or a request that requires no key. */
    public static Optional<Caller> ifAny() {
        Authentication known = SecurityContextHolder.getContext().getAuthentication();
        return known != null && known.getPrincipal() instanceof Caller caller ? Optional.of(caller) : Optional.empty();
    }
}
