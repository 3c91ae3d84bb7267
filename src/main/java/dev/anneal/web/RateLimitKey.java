package dev.anneal.web;

import jakarta.servlet.http.HttpServletRequest;
import java.security.Principal;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/** Whom limits are counted by: a key or a person, else an address. */
public final class RateLimitKey {
    private RateLimitKey() {}

    public static String of(HttpServletRequest request) {
        Principal known = request.getUserPrincipal();
        return known == null ? "address " + request.getRemoteAddr() : known.getName();
    }

    /** Returns who makes the current request, or an empty text outside of a request. */
    public static String current() {
        return RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes servlet
                ? of(servlet.getRequest())
                : "";
    }
}
