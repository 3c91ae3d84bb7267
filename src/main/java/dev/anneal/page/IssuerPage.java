package dev.anneal.page;

import dev.anneal.page.layout.Frame;
import dev.anneal.page.session.SessionCookie;
import dev.anneal.page.session.Sessions;
import dev.anneal.page.session.SignInCookie;
import dev.anneal.role.ForRole;
import dev.anneal.security.filter.FailedAuthLimiter;
import dev.anneal.security.token.Identity;
import dev.anneal.security.token.IssuerSignIn;
import dev.anneal.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.support.ServletUriComponentsBuilder;

/** Sends people to the page of the OIDC issuer, and begins their session when they are back. */
@RestController
@ForRole("api")
class IssuerPage {
    private static final String BACK = "/ui/sign-in/back";

    private final IssuerSignIn issuer;
    private final Sessions sessions;
    private final FailedAuthLimiter failures;

    IssuerPage(IssuerSignIn issuer, Sessions sessions, FailedAuthLimiter failures) {
        this.issuer = issuer;
        this.sessions = sessions;
        this.failures = failures;
    }

    @GetMapping("/ui/sign-in/issuer")
    void begin(
            @RequestParam(required = false) @Nullable String then,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        requireIssuer();
        SignInCookie kept = SignInCookie.begin(SignInPage.pageAfter(then), request);
        String page = issuer.begin(kept.secret(), back());
        kept.set(request, response);
        response.sendRedirect(page, HttpStatus.SEE_OTHER.value());
    }

    @GetMapping(BACK)
    ResponseEntity<String> finish(
            @RequestParam(required = false) @Nullable String code,
            @RequestParam(required = false) @Nullable String state,
            @RequestParam(required = false) @Nullable String error,
            HttpServletRequest request,
            HttpServletResponse response) {
        requireIssuer();
        SignInCookie kept = SignInCookie.of(request)
                .filter(cookie -> state != null && IssuerSignIn.isOf(cookie.secret(), state))
                .orElseThrow(
                        () -> new Problem(
                                HttpStatus.FORBIDDEN,
                                "sign_in_expired",
                                "The answer of the issuer belongs to no sign-in of this browser, or cookies are blocked. Sign in again."));
        SignInCookie.remove(request, response);
        if (code == null || error != null) {
            throw new Problem(
                    HttpStatus.FORBIDDEN,
                    "sign_in_refused",
                    "The issuer refused the sign-in (%s). Try again, or sign in with a key."
                            .formatted(error == null ? "it sent no code" : Problem.quote(error)));
        }
        Identity who = read(kept, code, request);
        String secret = sessions.begin(who);
        sessions.endBySha256(kept.before());
        SessionCookie.set(secret, request, response);
        // A redirect would belong to the visit that the issuer's page began, and browsers would not send the session
        // with it.
        String then = SignInPage.pageAfter(kept.then());
        response.setHeader("Refresh", "0; url=" + then);
        return Frame.page(
                "Signed in",
                "",
                html -> html.open("p").element("a", "Continue", "href", then).close("p"));
    }

    /** Returns whom the issuer names for the code. The codes that it refuses have a count that wrong keys do not share. */
    private Identity read(SignInCookie kept, String code, HttpServletRequest request) {
        String address = "issuer " + request.getRemoteAddr();
        failures.check(address, code);
        try {
            return issuer.finish(kept.secret(), code, back());
        } catch (Problem problem) {
            if (problem.code().equals(IssuerSignIn.REFUSED)) {
                failures.failed(address, code);
            }
            throw problem;
        }
    }

    private void requireIssuer() {
        if (!issuer.isOffered()) {
            throw new Problem(
                    HttpStatus.NOT_FOUND, "not_found", "This server has no issuer for people. Sign in with a key.");
        }
    }

    /** Returns the address to which the issuer sends browsers. It must be registered there. */
    private static String back() {
        return ServletUriComponentsBuilder.fromCurrentContextPath().path(BACK).toUriString();
    }
}
