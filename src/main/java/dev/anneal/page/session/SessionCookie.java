package dev.anneal.page.session;

import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseCookie;

/** The cookie with the secret of a session. Browsers send it to the page only, never to the API. */
public final class SessionCookie {
    static final String NAME = "anneal_session";

    private SessionCookie() {}

    public static @Nullable String of(HttpServletRequest request) {
        return value(request, NAME, "[A-Za-z0-9_-]{43}");
    }

    /** Returns the value of a cookie that has a form, or null. */
    static @Nullable String value(HttpServletRequest request, String name, String form) {
        Cookie[] cookies = request.getCookies();
        return cookies == null
                ? null
                : Stream.of(cookies)
                        .filter(cookie -> cookie.getName().equals(name))
                        .map(Cookie::getValue)
                        .filter(value -> value.matches(form))
                        .findFirst()
                        .orElse(null);
    }

    /** Returns whether the browser uses TLS. A proxy may end it, so what the browser says about the page counts, too. */
    private static boolean isSecure(HttpServletRequest request) {
        String origin = request.getHeader(HttpHeaders.ORIGIN);
        return request.isSecure() || origin != null && origin.startsWith("https://");
    }

    /** Sets the cookie until the browser ends, or removes it if there is no secret. */
    public static void set(@Nullable String secret, HttpServletRequest request, HttpServletResponse response) {
        response.addHeader(
                HttpHeaders.SET_COOKIE,
                ResponseCookie.from(NAME, secret == null ? "" : secret)
                        .path("/ui")
                        .httpOnly(true)
                        .sameSite("Strict")
                        .secure(isSecure(request))
                        .maxAge(secret == null ? 0 : -1)
                        .build()
                        .toString());
    }
}
