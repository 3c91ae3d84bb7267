package dev.anneal.page.session;

import dev.anneal.security.AuthenticationResult;
import dev.anneal.security.Caller;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Objects;
import java.util.Optional;

/**
 * A session of the page.
 *
 * @param secret the value of its cookie
 * @param who the caller, whose key is looked up for each request
 */
public record Session(String secret, AuthenticationResult who) {
    private static final String ATTRIBUTE = Session.class.getName();

    /** Returns the session of a request of the page, if somebody is signed in. */
    public static Optional<Session> ifAny(HttpServletRequest request) {
        return Optional.ofNullable((Session) request.getAttribute(ATTRIBUTE));
    }

    /** Returns the session of a request that requires one. */
    public static Session of(HttpServletRequest request) {
        return ifAny(request).orElseThrow(() -> new IllegalStateException("there is no session"));
    }

    void keepIn(HttpServletRequest request) {
        request.setAttribute(ATTRIBUTE, this);
        who.keepIn(request);
    }

    public Caller caller() {
        return Objects.requireNonNull(who.caller());
    }

    /** Returns the token that each form of this session sends. */
    public String formToken() {
        return FormGuard.token(secret);
    }
}
