package dev.anneal.page.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseCookie;

/**
 * The cookie that a browser keeps while a person is at the issuer. The issuer's page sends the browser back, so unlike the session it must
 * be sent when another site leads here.
 *
 * @param secret random; the state, the nonce and the verifier of the sign-in come from it
 * @param then the page that follows the sign-in
 */
public record SignInCookie(String secret, String then) {
    private static final String NAME = "anneal_sign_in";
    private static final Duration LIFE = Duration.ofMinutes(15);

    public static Optional<SignInCookie> of(HttpServletRequest request) {
        String value = SessionCookie.value(request, NAME, "[A-Za-z0-9_-]{43}\\.[A-Za-z0-9_-]{0,4000}");
        return Optional.ofNullable(value)
                .map(found -> new SignInCookie(
                        found.substring(0, 43),
                        new String(Base64.getUrlDecoder().decode(found.substring(44)), UTF_8)));
    }

    public void set(HttpServletRequest request, HttpServletResponse response) {
        set(
                secret + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(then.getBytes(UTF_8)),
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
                ResponseCookie.from(NAME, value)
                        .path("/ui/sign-in")
                        .httpOnly(true)
                        .sameSite("Lax")
                        .secure(request.isSecure())
                        .maxAge(life)
                        .build()
                        .toString());
    }
}
