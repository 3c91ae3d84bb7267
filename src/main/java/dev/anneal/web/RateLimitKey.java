package dev.anneal.web;

import jakarta.servlet.http.HttpServletRequest;
import java.security.Principal;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/** Whom limits are counted by: a key or a person, else an address. What is scarce is counted by project. */
public final class RateLimitKey {
    private static final String PROJECT = RateLimitKey.class.getName() + ".project";

    private RateLimitKey() {}

    /** Keeps the project that a request is for. */
    public static void keepProject(HttpServletRequest request, String project) {
        request.setAttribute(PROJECT, project);
    }

    /**
     * Returns whose share of the server's threads and memory a request takes: that of its project, so that several keys of a
     * project have one share, or else that of its address.
     */
    public static String share(HttpServletRequest request) {
        Object project = request.getAttribute(PROJECT);
        return project == null ? of(request) : "project " + project;
    }

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
