package dev.anneal.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.JWTClaimsSet;
import dev.anneal.security.token.Issuer;
import dev.anneal.testing.Api;
import dev.anneal.testing.ServerTest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;

/** People who sign in to the page at an issuer, which signs real tokens. */
@ServerTest
@TestPropertySource(
        properties = {"anneal.roles=api,inference", "anneal.oidc.client-id=page", "anneal.oidc.client-secret=s&cret"})
class IssuerSignInTest {
    private static final Issuer ISSUER = new Issuer();

    @DynamicPropertySource
    static void issuer(DynamicPropertyRegistry properties) {
        properties.add("anneal.oidc.issuer", ISSUER::url);
    }

    @Autowired
    Api api;

    @Autowired
    JdbcClient jdbc;

    @Autowired
    Environment environment;

    private Browser browser;

    @BeforeEach
    void open() {
        api.post("/api/v1/projects", "{\"id\":\"tokens\"}");
        api.post("/api/v1/projects", "{\"id\":\"second\"}");
        browser = new Browser("http://127.0.0.1:" + environment.getProperty("local.server.port"));
    }

    @Test
    void aPersonSignsInAtTheIssuerAndWorksWithTheRoleThatItNames() {
        assertThat(browser.get("/ui/sign-in?then=/ui/jobs").body())
                .contains("Sign in at 127.0.0.1", "/ui/sign-in/issuer?then=%2Fui%2Fjobs");
        String page = begin("/ui/jobs");
        Map<String, String> asked = Issuer.parsed(URI.create(page).getRawQuery());
        assertThat(page).startsWith(ISSUER.url() + "/page?theme=plain&");
        assertThat(asked)
                .containsEntry("response_type", "code")
                .containsEntry("client_id", "page")
                .containsEntry("redirect_uri", browser.base() + "/ui/sign-in/back")
                .containsEntry("scope", "openid profile email")
                .containsEntry("code_challenge_method", "S256");

        HttpResponse<String> back = comeBack(ISSUER.signIn(page, person()));

        assertThat(back.statusCode()).as(back.body()).isEqualTo(200);
        assertThat(back.headers().firstValue("Refresh")).hasValue("0; url=/ui/jobs");
        assertThat(back.headers().allValues("Set-Cookie"))
                .anyMatch(cookie -> cookie.startsWith("anneal_session=") && cookie.contains("SameSite=Strict"));
        assertThat(browser.get("/ui").body()).contains("<bdi>Ada</bdi> (editor)", "<bdi>tokens</bdi>");
        assertThat(browser.get("/ui/admin").statusCode()).isEqualTo(403);
        assertThat(call("/ui/api/v1/keys").statusCode()).isEqualTo(403);
        assertThat(call("/ui/api/v1/jobs/job_none/cancel").statusCode()).isEqualTo(404);
        assertThat(api.get("/api/v1/audit?actor=user-7")
                        .json()
                        .path("data")
                        .get(0)
                        .path("actor_name")
                        .asString())
                .isEqualTo("Ada");

        browser.post("/ui/sign-out", Map.of("_form", browser.token()), "Origin", browser.base());
        assertThat(browser.get("/ui").statusCode()).isEqualTo(303);
    }

    /** Browsers send a strict cookie with no redirect that another site began. A name and an address of this machine are two sites. */
    @Test
    void aBrowserThatComesBackFromAnotherSiteIsSignedIn() throws IOException {
        ISSUER.expect(person());
        try (Chromium chromium = new Chromium(Chromium.required())) {
            chromium.open("http://localhost:" + URI.create(browser.base()).getPort() + "/ui/jobs");
            chromium.clickOn("Sign in at 127.0.0.1");
            chromium.clickOn("Allow");
            chromium.await("location.pathname === '/ui/jobs' && document.querySelector('h1')?.innerText === 'Jobs'");
            assertThat(chromium.text()).contains("localhost", "Ada (editor)");
        }
    }

    @Test
    void anAnswerThatBelongsToAnotherBrowserOrToNoSignInIsRefused() {
        String answer = ISSUER.signIn(begin(null), person());
        Browser other = new Browser(browser.base());

        assertRefused(other, answer, 403, "belongs to no sign-in of this browser");
        other.get("/ui/sign-in/issuer");
        assertRefused(other, answer, 403, "belongs to no sign-in of this browser");
        assertRefused(browser, answer.replaceFirst("state=.", "state=x"), 403, "belongs to no sign-in");
        assertRefused(other, browser.base() + "/ui/sign-in/back?error=x", 403, "belongs to no sign-in");
        assertThat(comeBack(answer).statusCode()).isEqualTo(200); // foreign answers do not end the sign-in
        assertThat(comeBack(answer).statusCode()).isEqualTo(403);
    }

    @Test
    void foreignAnswersAreNotCountedAsWrongKeys() {
        for (int i = 0; i < 110; i++) {
            browser.get("/ui/sign-in/back?error=x");
        }

        assertThat(browser.signIn("ann_wrong").statusCode()).isEqualTo(401);
        assertThat(comeBack(ISSUER.signIn(begin(null), person())).statusCode()).isEqualTo(200);
    }

    @Test
    void aSlowIssuerOccupiesFewThreads() {
        String state = Issuer.parsed(URI.create(begin(null)).getRawQuery()).get("state");
        CountDownLatch answers = new CountDownLatch(1);
        ISSUER.hold(answers);
        List<CompletableFuture<HttpResponse<String>>> waiting = Stream.generate(
                        () -> browser.start("/ui/sign-in/back?code=none&state=" + state))
                .limit(21) // of 200 threads
                .toList();
        HttpResponse<?> first = (HttpResponse<?>) CompletableFuture.anyOf(waiting.toArray(CompletableFuture[]::new))
                .join();
        answers.countDown();
        waiting.forEach(CompletableFuture::join);

        assertThat(first.body().toString()).contains("Too many sign-ins wait for the issuer");
        assertThat(first.statusCode()).isEqualTo(503);
    }

    @Test
    void aSignInEndsTheSessionBeforeIt() {
        browser.signIn(api.key());
        String before = browser.cookie();
        String answer = ISSUER.signIn(begin(null), person());
        browser.setCookie("none"); // browsers do not send the session when the issuer sends them back

        assertThat(comeBack(answer).statusCode()).isEqualTo(200);

        browser.setCookie(before);
        assertThat(browser.get("/ui").statusCode()).isEqualTo(303);
    }

    @Test
    void aCodeThatTheIssuerDoesNotKnowOrAnIssuerThatRefusesBeginsNoSession() {
        String answer = ISSUER.signIn(begin(null), person());
        assertRefused(browser, answer.replaceFirst("code=.*", "code=none"), 403, "refused the sign-in");

        String page = begin(null);
        String state = Issuer.parsed(URI.create(page).getRawQuery()).get("state");
        assertRefused(
                browser,
                browser.base() + "/ui/sign-in/back?error=%3Cb%3Edenied&state=" + state,
                403,
                "&lt;b&gt;denied");
    }

    @Test
    void aTokenThatIsNotForThisSignInBeginsNoSession() {
        Date past = new Date(System.currentTimeMillis() - 120_000);

        refuses(person().claim("nonce", "another"), 401, "issued for another sign-in");
        refuses(person().audience("mail"), 401, "issued for another service");
        refuses(person().audience(List.of("page", "mail")).claim("azp", "mail"), 401, "issued for another service");
        refuses(person().expirationTime(past), 401, "has expired");
        refuses(person().issuer("https://elsewhere"), 401, "does not trust");
        refuses(person().claim("anneal_role", null), 403, "has no role on this server");
        refuses(person().claim("anneal_project", null), 403, "has no project");
        refuses(person().claim("anneal_project", "nowhere"), 404, "There is no project");
    }

    private void refuses(JWTClaimsSet.Builder claims, int status, String words) {
        assertRefused(browser, ISSUER.signIn(begin(null), claims), status, words);
    }

    @Test
    void aPersonOfSeveralProjectsChoosesAmongThese() {
        comeBack(ISSUER.signIn(
                begin(null),
                person().claim("anneal_project", List.of("tokens", "second")).claim("preferred_username", "A\0b")));
        assertThat(browser.get("/ui").body()).contains("<bdi>tokens</bdi>");
        assertThat(browser.get("/ui/project").body())
                .contains("value=\"tokens\"", "value=\"second\"")
                .doesNotContain("value=\"default\"");

        choose("second");
        assertThat(browser.get("/ui").body()).contains("<bdi>second</bdi>");
        assertThat(choose("default").statusCode()).isEqualTo(403);
    }

    @Test
    void projectsThatTheServerDoesNotHaveAreNoChoice() {
        comeBack(ISSUER.signIn(
                begin(null), person().claim("anneal_project", List.of("staff", "second", "a\0b", "tokens"))));

        assertThat(browser.get("/ui").body()).contains("<bdi>second</bdi>");
        assertThat(browser.get("/ui/project").body())
                .contains("value=\"tokens\"")
                .doesNotContain("staff");
        assertThat(choose("staff").statusCode()).isEqualTo(403);
        assertThat(choose("tokens").statusCode()).isEqualTo(303);
    }

    @Test
    void aSessionByTheIssuerEndsBeforeOneByAKey() {
        comeBack(ISSUER.signIn(begin(null), person()));
        assertThat(browser.get("/ui").statusCode()).isEqualTo(200);
        jdbc.sql("update page_sessions set created_at = now() - interval '9 hours'")
                .update();
        assertThat(browser.get("/ui").statusCode()).isEqualTo(303);

        browser.signIn(api.key());
        jdbc.sql("update page_sessions set created_at = now() - interval '9 hours'")
                .update();
        assertThat(browser.get("/ui").statusCode()).isEqualTo(200);
    }

    private JWTClaimsSet.Builder person() {
        return ISSUER.good().audience("page");
    }

    /** Returns the address of the issuer's page. */
    private String begin(String then) {
        HttpResponse<String> answer = browser.get("/ui/sign-in/issuer" + (then == null ? "" : "?then=" + then));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(303);
        assertThat(answer.headers().firstValue("Set-Cookie").orElseThrow())
                .contains("HttpOnly", "SameSite=Lax", "Path=/ui/sign-in");
        return answer.headers().firstValue("Location").orElseThrow();
    }

    private HttpResponse<String> comeBack(String address) {
        return browser.get(
                address.substring(browser.base().length()),
                "Sec-Fetch-Site",
                "cross-site",
                "Sec-Fetch-Mode",
                "navigate");
    }

    private static void assertRefused(Browser browser, String address, int status, String words) {
        HttpResponse<String> answer =
                browser.get(address.substring(browser.base().length()));
        assertThat(answer.body()).contains(words);
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(browser.get("/ui").statusCode()).isEqualTo(303);
    }

    private HttpResponse<String> choose(String project) {
        return browser.post(
                "/ui/project", Map.of("_form", browser.token(), "project", project), "Origin", browser.base());
    }

    private HttpResponse<String> call(String path) {
        return browser.send("POST", path, Map.of(), "Origin", browser.base(), "Anneal-Form", browser.token());
    }
}
