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
        SignInCookie kept = new SignInCookie(Sessions.newSecret(), SignInPage.pageAfter(then));
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
        failures.check(request.getRemoteAddr(), String.valueOf(code));
        SignInCookie kept = SignInCookie.of(request).orElse(null);
        SignInCookie.remove(request, response);
        try {
            if (error != null) {
                throw new Problem(
                        HttpStatus.FORBIDDEN,
                        "sign_in_refused",
                        "The issuer refused the sign-in (%s). Try again, or sign in with a key."
                                .formatted(Problem.quote(error)));
            }
            Identity who = issuer.finish(kept == null ? null : kept.secret(), state, code, back());
            String before = SessionCookie.of(request);
            if (before != null) {
                sessions.end(before);
            }
            SessionCookie.set(sessions.begin(who), request, response);
        } catch (Problem refused) {
            failures.failed(request.getRemoteAddr());
            throw refused;
        }
        // A redirect would belong to the visit that the issuer's page began, and browsers would not send the session
        // with it.
        String then = kept == null ? "/ui" : SignInPage.pageAfter(kept.then());
        response.setHeader("Refresh", "0; url=" + then);
        return Frame.page(
                "Signed in",
                "",
                html -> html.open("p").element("a", "Continue", "href", then).close("p"));
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
