package dev.anneal.security;

import dev.anneal.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

/**
 * The result of reading the key or token of a request: a caller, or the reason for a refusal. Subject, name and project are for
 * the audit log. They are also set for a refused key if it is known.
 */
record AuthenticationResult(
        @Nullable Caller caller,
        @Nullable Problem refusal,
        @Nullable String subject,
        @Nullable String name,
        @Nullable String project) {
    private static final String ATTRIBUTE = AuthenticationResult.class.getName();

    static AuthenticationResult by(Caller caller) {
        return new AuthenticationResult(caller, null, caller.subject(), caller.name(), caller.project());
    }

    static AuthenticationResult refused(Problem refusal) {
        return refused(refusal, null, null, null);
    }

    static AuthenticationResult refused(
            Problem refusal, @Nullable String subject, @Nullable String name, @Nullable String project) {
        return new AuthenticationResult(null, refusal, subject, name, project);
    }

    /** Returns the result for a request; a request that has not been read yet has no valid key. */
    static AuthenticationResult of(HttpServletRequest request) {
        return request.getAttribute(ATTRIBUTE) instanceof AuthenticationResult result
                ? result
                : refused(ApiKeyAuthenticator.unknown());
    }

    void keepIn(HttpServletRequest request) {
        request.setAttribute(ATTRIBUTE, this);
    }
}
