package dev.anneal.page.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.anneal.text.Sha256;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseCookie;

/**
 * The cookie that a browser keeps while a person is at the issuer. The issuer's page sends the browser back, so unlike the session it must
 * be sent when another site leads here.
 *
 * @param secret random; the state, the nonce and the verifier of the sign-in come from it
 * @param before the SHA-256 of the session that the sign-in replaces, or empty. Browsers do not send the session when they are back.
 * @param then the page that follows the sign-in
 */
public record SignInCookie(String secret, String before, String then) {
    private static final String NAME = "anneal_sign_in";
    private static final Pattern VALUE =
            Pattern.compile("([A-Za-z0-9_-]{43})\\.([0-9a-f]{64}|)\\.([A-Za-z0-9_-]{0,4000})");
    private static final Duration LIFE = Duration.ofMinutes(15);

    public static Optional<SignInCookie> of(HttpServletRequest request) {
        String value = SessionCookie.value(request, name(request), VALUE.pattern());
        if (value == null) {
            return Optional.empty();
        }
        Matcher parts = VALUE.matcher(value);
        parts.matches();
        try {
            String then = new String(Base64.getUrlDecoder().decode(parts.group(3)), UTF_8);
            return Optional.of(new SignInCookie(parts.group(1), parts.group(2), then));
        } catch (IllegalArgumentException malformed) {
            return Optional.empty();
        }
    }

    /** Returns the cookie of a sign-in that begins now, and ends the session of the request. */
    public static SignInCookie begin(String then, HttpServletRequest request) {
        String session = SessionCookie.of(request);
        return new SignInCookie(Sessions.newSecret(), session == null ? "" : Sha256.of(session), then);
    }

    public void set(HttpServletRequest request, HttpServletResponse response) {
        set(
                secret + "." + before + "."
                        + Base64.getUrlEncoder().withoutPadding().encodeToString(then.getBytes(UTF_8)),
                LIFE,
                request,
                response);
    }

    public static void remove(HttpServletRequest request, HttpServletResponse response) {
        set("", Duration.ZERO, request, response);
    }

    private static void set(String value, Duration life, HttpServletRequest request, HttpServletResponse response) {
        response.addHeader(
                HttpHeaders.SET_COOKIE,
                ResponseCookie.from(name(request), value)
                        .path(
                                request.isSecure()
                                        ? "/"
                                        : "/ui/sign-in") // browsers accept the prefix with this path only
                        .httpOnly(true)
                        .sameSite("Lax")
                        .secure(request.isSecure())
                        .maxAge(life)
                        .build()
                        .toString());
    }

    /** Returns the name. With TLS it has a prefix: browsers do not let another host of the same domain set such a cookie. */
    private static String name(HttpServletRequest request) {
        return request.isSecure() ? "__Host-" + NAME : NAME;
    }
}
