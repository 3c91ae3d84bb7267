package dev.anneal.security;

import dev.anneal.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/**
 * The result of reading the key or token of a request: a caller, or the reason for a refusal. Subject, name and project are for
 * the audit log. They are also set for a refused key if it is known.
 */
public record AuthenticationResult(
        @Nullable Caller caller,
        @Nullable Problem refusal,
        @Nullable String subject,
        @Nullable String name,
        @Nullable String project) {
    private static final String ATTRIBUTE = AuthenticationResult.class.getName();

    public static AuthenticationResult by(Caller caller) {
        return new AuthenticationResult(caller, null, caller.subject(), caller.name(), caller.project());
    }

    public static AuthenticationResult refused(Problem refusal) {
        return refused(refusal, null, null, null);
    }

    public static AuthenticationResult refused(
            Problem refusal, @Nullable String subject, @Nullable String name, @Nullable String project) {
        return new AuthenticationResult(null, refusal, subject, name, project);
    }

    public static AuthenticationResult unknownKey() {
        return refused(
                new Problem(
                        HttpStatus.UNAUTHORIZED,
                        "invalid_key",
                        "Unknown key. Check that it was copied completely and belongs to this server. The admin key is in <data>/admin.key on the server."));
    }

    /** Returns the result for a request; a request that has not been read yet has no valid key. */
    public static AuthenticationResult of(HttpServletRequest request) {
        return ifRead(request).orElseGet(AuthenticationResult::unknownKey);
    }

    /** Returns the result for a request whose key, or session, has been read. */
    public static Optional<AuthenticationResult> ifRead(HttpServletRequest request) {
        return Optional.ofNullable((AuthenticationResult) request.getAttribute(ATTRIBUTE));
    }

    public void keepIn(HttpServletRequest request) {
        request.setAttribute(ATTRIBUTE, this);
    }
}
