package dev.anneal.page.session;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.http.Cookie;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

class SignInCookieTest {
    private static final String SECRET = "s".repeat(43);

    private final MockHttpServletRequest request = new MockHttpServletRequest();
    private final MockHttpServletResponse response = new MockHttpServletResponse();

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..A", "..AAAAA", ".abc.QQ"})
    void aMalformedCookieBelongsToNoSignIn(String rest) {
        request.setCookies(new Cookie("anneal_sign_in", SECRET + rest));

        assertThat(SignInCookie.of(request)).isEmpty();
    }

    @Test
    void aSignInRemembersTheSessionBeforeIt() {
        request.setCookies(new Cookie(SessionCookie.NAME, SECRET));
        SignInCookie begun = SignInCookie.begin("/ui/jobs", request);
        begun.set(request, response);
        request.setCookies(new Cookie(
                "anneal_sign_in",
                Objects.requireNonNull(response.getCookie("anneal_sign_in")).getValue()));

        assertThat(SignInCookie.of(request)).contains(begun);
        assertThat(begun.before()).hasSize(64);
    }

    @Test
    void withTlsNoOtherHostOfTheDomainCanSetTheCookie() {
        request.setSecure(true);
        SignInCookie.begin("/ui", request).set(request, response);

        assertThat(response.getHeader("Set-Cookie"))
                .startsWith("__Host-anneal_sign_in=")
                .contains("; Path=/;", "; Secure", "; HttpOnly")
                .doesNotContain("Domain");
        request.setCookies(new Cookie("anneal_sign_in", SECRET + ".."));
        assertThat(SignInCookie.of(request)).isEmpty();
    }
}
