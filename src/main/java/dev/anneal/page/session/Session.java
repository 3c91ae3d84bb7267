package dev.anneal.page.session;

import dev.anneal.security.AuthenticationResult;
import dev.anneal.security.Caller;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A session of the page.
 *
 * @param secret the value of its cookie
 * @param who the caller, whose key is looked up for each request
 * @param projects existing ones among which the caller chooses; empty for a key, which has its own project or is the server's admin
 */
public record Session(String secret, AuthenticationResult who, List<String> projects) {
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

    /** Returns whether the caller can work in several projects. */
    public boolean choosesProject() {
        return caller().serverAdmin() || projects.size() > 1;
    }

    /** Returns the token that each form of this session sends. */
    public String formToken() {
        return FormGuard.token(secret);
    }
}
