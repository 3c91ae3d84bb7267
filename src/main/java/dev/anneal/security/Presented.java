package dev.anneal.security;

import dev.anneal.web.Problem;
import jakarta.servlet.http.HttpServletRequest;

/**
 * What came of the key or token of a request: a caller, or why it opens nothing. Who presented it is told to the audit log
 * also where it was refused; null where that is not known.
 */
record Presented(Caller caller, Problem refusal, String subject, String name, String project) {
    private static final String ATTRIBUTE = Presented.class.getName();

    static Presented by(Caller caller) {
        return new Presented(caller, null, caller.subject(), caller.name(), caller.project());
    }

    static Presented refused(Problem refusal) {
        return refused(refusal, null, null, null);
    }

    static Presented refused(Problem refusal, String subject, String name, String project) {
        return new Presented(null, refusal, subject, name, project);
    }

    static Presented of(HttpServletRequest request) {
        return request.getAttribute(ATTRIBUTE) instanceof Presented presented ? presented : refused(null);
    }

    void keepIn(HttpServletRequest request) {
        request.setAttribute(ATTRIBUTE, this);
    }
}
