package dev.anneal.page.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.anneal.text.Sha256;
import dev.anneal.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import java.security.MessageDigest;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;

/**
 * Refuses requests that another site makes a browser send. A change must come from a page of this server, by what the browser says,
 * and must have the token of the session.
 */
final class FormGuard {
    /** The field of a form with the token. */
    static final String FIELD = "_form";

    /** The header with the token, of a request that a script of the page sends. */
    static final String HEADER = "Anneal-Form";

    private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS");

    private FormGuard() {}

    /** Returns the token that belongs to the secret of a cookie. */
    static String token(String secret) {
        return Sha256.of("form " + secret);
    }

    static boolean isChange(HttpServletRequest request) {
        return !SAFE.contains(request.getMethod());
    }

    /** Throws unless the request comes from a page of this server. */
    static void checkOrigin(HttpServletRequest request) {
        String site = request.getHeader("Sec-Fetch-Site");
        String origin = request.getHeader(HttpHeaders.ORIGIN);
        boolean isOwn = origin != null && isOwn(origin, request);
        boolean isRefused = isChange(request)
                ? site == null
                        ? !isOwn
                        : !site.equals("same-origin") || origin != null && !isOwn && !origin.equals("null")
                : "cross-site".equals(site) && !"navigate".equals(request.getHeader("Sec-Fetch-Mode"));
        if (isRefused) {
            throw new Problem(
                    HttpStatus.FORBIDDEN,
                    "foreign_origin",
                    "The request does not come from a page of this server. Open the page at the address of the server. A proxy in"
                            + " front of it must keep the header Host.");
        }
    }

    /** Throws unless the token of a change is that of the session. */
    static void checkToken(@Nullable String secret, @Nullable String token) {
        if (secret == null
                || token == null
                || !MessageDigest.isEqual(token(secret).getBytes(UTF_8), token.getBytes(UTF_8))) {
            throw new Problem(
                    HttpStatus.FORBIDDEN,
                    "form_expired",
                    "The form belongs to a session that has ended, or cookies are blocked. Reload the page and try again.");
        }
    }

    private static boolean isOwn(String origin, HttpServletRequest request) {
        String host = request.getHeader(HttpHeaders.HOST);
        int start = origin.indexOf("://");
        return host != null && start > 0 && origin.substring(start + 3).equalsIgnoreCase(host);
    }
}
