package dev.anneal.security;

import dev.anneal.web.Problem;
import jakarta.servlet.http.HttpServletRequest;

/**
 * What came of the key or token of a request: a caller, or why it opens nothing. Who presented it is told to the audit log
 * also where it was refused; null where that is not known.
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
        return request.getAttribute(ATTRIBUTE) instanceof AuthenticationResult presented ? presented : refused(null);
    }

    void keepIn(HttpServletRequest request) {
        request.setAttribute(ATTRIBUTE, this);
    }
}
