package dev.anneal.page;

import dev.anneal.page.api.Api;
import dev.anneal.page.layout.Frame;
import dev.anneal.page.session.FormToken;
import dev.anneal.page.session.SessionCookie;
import dev.anneal.page.session.Sessions;
import dev.anneal.report.html.Html;
import dev.anneal.role.ForRole;
import dev.anneal.security.AuthenticationResult;
import dev.anneal.security.filter.KeyReader;
import dev.anneal.security.token.IssuerSignIn;
import dev.anneal.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Signs people in with a key, and out. {@link IssuerPage} signs them in by an issuer. */
@RestController
@ForRole("api")
class SignInPage {
    private final KeyReader keys;
    private final Sessions sessions;
    private final IssuerSignIn issuer;

    SignInPage(KeyReader keys, Sessions sessions, IssuerSignIn issuer) {
        this.keys = keys;
        this.sessions = sessions;
        this.issuer = issuer;
    }

    /** Shows the form. Its token belongs to a cookie that stands for no session yet. */
    @GetMapping("/ui/sign-in")
    ResponseEntity<String> show(
            @RequestParam(required = false) @Nullable String then,
            HttpServletRequest request,
            HttpServletResponse response) {
        String secret = SessionCookie.of(request);
        if (secret == null) {
            secret = Sessions.newSecret();
            SessionCookie.set(secret, request, response);
        }
        return form(secret, then, null);
    }

    @PostMapping("/ui/sign-in")
    @Nullable
    ResponseEntity<String> signIn(
            @RequestParam(defaultValue = "") String key,
            @RequestParam(required = false) @Nullable String then,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        String before = Objects.requireNonNull(SessionCookie.of(request)); // the form's token was checked with it
        AuthenticationResult who;
        try {
            who = keys.read(key.strip(), null, request.getRemoteAddr());
        } catch (Problem tooMany) {
            return form(before, then, tooMany);
        }
        if (who.caller() == null) {
            return form(before, then, who.refusal());
        }
        // A new secret: whoever planted the former one does not know it.
        sessions.end(before);
        SessionCookie.set(sessions.begin(who.caller().subject()), request, response);
        response.sendRedirect(pageAfter(then), HttpStatus.SEE_OTHER.value());
        return null;
    }

    @PostMapping("/ui/sign-out")
    void signOut(HttpServletRequest request, HttpServletResponse response) throws IOException {
        sessions.end(Objects.requireNonNull(SessionCookie.of(request)));
        SessionCookie.set(null, request, response);
        response.sendRedirect("/ui/sign-in", HttpStatus.SEE_OTHER.value());
    }

    private ResponseEntity<String> form(String secret, @Nullable String then, @Nullable Problem problem) {
        ResponseEntity<String> page =
                Frame.page("Sign in", "", html -> writeForm(html, FormToken.of(secret), then, problem));
        return ResponseEntity.status(problem == null ? HttpStatus.OK : problem.status())
                .headers(page.getHeaders())
                .body(page.getBody());
    }

    private void writeForm(Html html, String token, @Nullable String then, @Nullable Problem problem) {
        html.element(
                "p",
                issuer.isOffered()
                        ? "This server fine-tunes language models. Sign in at your organization's page, or with an API key."
                        : "This server fine-tunes language models. Sign in with an API key.");
        if (problem != null) {
            html.element("p", Objects.requireNonNull(problem.getMessage()), "class", "fault", "role", "alert");
        }
        if (issuer.isOffered()) {
            html.open("p", "class", "actions")
                    .element(
                            "a",
                            "Sign in at " + issuer.host(),
                            "href",
                            Api.path("/ui/sign-in/issuer?then=%s", pageAfter(then)),
                            "class",
                            "button")
                    .close("p");
        }
        html.open("form", "method", "post", "action", "/ui/sign-in", "class", "fields");
        FormToken.write(html, token);
        html.empty("input", "type", "hidden", "name", "then", "value", pageAfter(then));
        html.element("label", "API key", "for", "key");
        html.empty(
                "input",
                "type",
                "password",
                "id",
                "key",
                "name",
                "key",
                "required",
                "",
                "autocomplete",
                "current-password",
                "aria-describedby",
                "key-help");
        html.open("p", "id", "key-help", "class", "note")
                .text("The admin key is in the file ")
                .element("code", "admin.key")
                .text(" of the server's data directory. An admin creates more with ")
                .element("code", "POST /api/v1/keys")
                .text(". The page does not store the key.")
                .close("p");
        html.element("button", "Sign in", "type", "submit").close("form");
    }

    /** Returns where the sign-in leads: a page of this server, or the home page. */
    static String pageAfter(@Nullable String then) {
        return then != null && then.length() <= 2000 && then.matches("/ui(?:[/?][!-\\[\\]-~]*)?") ? then : "/ui";
    }
}
