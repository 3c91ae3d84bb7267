package dev.anneal.security;

import dev.anneal.web.Problem;
import jakarta.servlet.http.HttpServletRequest;

/**
 * The result of reading the key or token of a request: a caller, or the reason for a refusal. Subject, name and project are for
 * the audit log. They are also set for a refused key if it is known, else null.
 */
record AuthenticationResult(Caller caller, Problem refusal, String subject, String name, String project) {
    private static final String ATTRIBUTE = AuthenticationResult.class.getName();

    static AuthenticationResult by(Caller caller) {
        return new AuthenticationResult(caller, null, caller.subject(), caller.name(), caller.project());
    }

    static AuthenticationResult refused(Problem refusal) {
        return refused(refusal, null, null, null);
    }

    static AuthenticationResult refused(Problem refusal, String subject, String name, String project) {
        return new AuthenticationResult(null, refusal, subject, name, project);
    }

    static AuthenticationResult of(HttpServletRequest request) {
        return request.getAttribute(ATTRIBUTE) instanceof AuthenticationResult result ? result : refused(null);
    }

    void keepIn(HttpServletRequest request) {
        request.setAttribute(ATTRIBUTE, this);
    }
}
