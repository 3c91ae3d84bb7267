package dev.anneal.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.job.queue.JobEventStreams;
import dev.anneal.page.session.Sessions;
import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ServerTest;
import dev.anneal.testing.TestJobs;
import dev.anneal.text.Sha256;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;

@ServerTest
@TestPropertySource(properties = "anneal.roles=api,inference")
class SessionTest {
    @Autowired
    Api api;

    @Autowired
    JdbcClient jdbc;

    @Autowired
    Sessions sessions;

    @Autowired
    TestJobs jobs;

    @Autowired
    JobEventStreams streams;

    @Autowired
    MeterRegistry meters;

    @Autowired
    Environment environment;

    private Browser browser;

    @BeforeEach
    void open() {
        browser = new Browser("http://127.0.0.1:" + environment.getProperty("local.server.port"));
    }

    @Test
    void aBrowserAtTheRootIsLedToTheSignInAndThenHome() {
        assertThat(location(browser.get("/", "Accept", "text/html,*/*"))).endsWith("/ui");
        assertThat(location(browser.get("/ui/jobs?status=failed")))
                .endsWith("/ui/sign-in?then=%2Fui%2Fjobs%3Fstatus%3Dfailed");

        HttpResponse<String> answer = browser.signIn(api.key());

        assertThat(answer.statusCode()).isEqualTo(303);
        assertThat(browser.get("/ui").body()).contains("Running", "Workers").doesNotContain(api.key());
    }

    @Test
    void aServerWithoutAnIssuerOffersNoSignInThere() {
        assertThat(browser.get("/ui/sign-in").body()).doesNotContain("Sign in at");
        assertThat(browser.get("/ui/sign-in/issuer").statusCode()).isEqualTo(404);
        assertThat(browser.get("/ui/sign-in/back?code=1&state=2").statusCode()).isEqualTo(404);
    }

    @Test
    void theCookieIsHiddenFromScriptsAndStrictAndOnlyForThePage() {
        HttpResponse<String> answer = browser.signIn(api.key());

        assertThat(answer.headers().firstValue("Set-Cookie").orElseThrow())
                .contains("HttpOnly", "SameSite=Strict", "Path=/ui")
                .doesNotContain(api.key());
    }

    @Test
    void theCookieIsSecureIfTheBrowserUsesTlsAndAProxyEndsIt() {
        String token = Browser.token(browser.get("/ui/sign-in").body());
        String origin = browser.base().replace("http:", "https:");

        HttpResponse<String> answer =
                browser.post("/ui/sign-in", Map.of("_form", token, "key", api.key()), "Origin", origin);

        assertThat(answer.headers().firstValue("Set-Cookie").orElseThrow()).contains("; Secure");
        assertThat(browser.signIn(api.key()).headers().firstValue("Set-Cookie").orElseThrow())
                .doesNotContain("Secure");
    }

    @Test
    void aLargeFormIsRefused() {
        String token = Browser.token(browser.get("/ui/sign-in").body());

        HttpResponse<String> answer =
                browser.post("/ui/sign-in", Map.of("_form", token, "key", "x".repeat(9000)), "Origin", browser.base());

        assertThat(answer.statusCode()).isEqualTo(413);
        assertThat(answer.body()).contains("The form has more than 8192 bytes.");
    }

    @Test
    @Timeout(60)
    void slowFormsOfAnAddressBlockNeitherOtherAddressesNorSessions() throws IOException {
        browser.signIn(api.key());
        List<Socket> slow = new ArrayList<>();
        try {
            sendSlowForms("127.0.0.2", slow);
            assertThat(new Browser(browser.base()).signIn(api.key()).statusCode())
                    .isEqualTo(303);

            sendSlowForms("127.0.0.1", slow);
            assertThat(new Browser(browser.base()).signIn(api.key()).statusCode())
                    .isEqualTo(429);
            assertThat(choose("default").statusCode()).isEqualTo(303);
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    /** Sends the first bytes of more forms than may arrive, and waits until one is refused. */
    private void sendSlowForms(String address, List<Socket> sockets) throws IOException {
        URI server = URI.create(browser.base());
        int first = sockets.size();
        for (int i = 0; i < 40; i++) {
            Socket socket = new Socket(
                    InetAddress.getByName(server.getHost()), server.getPort(), InetAddress.getByName(address), 0);
            sockets.add(socket);
            socket.getOutputStream()
                    .write(
                            ("POST /ui/sign-in HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 1000\r\n"
                                            + "Content-Type: application/x-www-form-urlencoded\r\n\r\n_")
                                    .getBytes(StandardCharsets.US_ASCII));
        }
        boolean isRefused = false;
        for (int i = first; !isRefused; i = i + 1 < sockets.size() ? i + 1 : first) {
            isRefused = sockets.get(i).getInputStream().available() > 0;
        }
    }

    @Test
    void aMalformedFormIsRefused() {
        String token = Browser.token(browser.get("/ui/sign-in").body());

        HttpResponse<String> answer =
                browser.post("/ui/sign-in", Map.of("_form", token, "%zz", "x"), "Origin", browser.base());

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("class=\"fault\"");
    }

    @Test
    void aCookieFromBeforeTheSignInIsNoSessionAfterIt() {
        browser.get("/ui/sign-in");
        String planted = browser.cookie();
        String token = Browser.token(browser.get("/ui/sign-in").body());

        browser.post("/ui/sign-in", Map.of("_form", token, "key", api.key()), "Origin", browser.base());

        assertThat(browser.cookie()).isNotEqualTo(planted);
        browser.setCookie(planted);
        assertThat(browser.get("/ui").statusCode()).isEqualTo(303);
    }

    @Test
    void aSecondSignInEndsTheFirstSession() {
        browser.signIn(api.key());
        String first = browser.cookie();

        browser.signIn(api.key());

        browser.setCookie(first);
        assertThat(browser.get("/ui").statusCode()).isEqualTo(303);
    }

    @Test
    void aWrongKeyIsRefusedInTheWordsOfTheApi() {
        HttpResponse<String> answer = browser.signIn("ann_wrong<b>");

        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(answer.body())
                .contains("Unknown key. Check that it was copied completely")
                .doesNotContain("ann_wrong");
        assertThat(browser.get("/ui").statusCode()).isEqualTo(303);
    }

    @Test
    void signingOutEndsTheSessionOnTheServer() {
        browser.signIn(api.key());
        String cookie = browser.cookie();

        browser.post("/ui/sign-out", Map.of("_form", browser.token()), "Origin", browser.base());

        assertThat(browser.cookie()).isNull();
        browser.setCookie(cookie);
        assertThat(browser.get("/ui").statusCode()).isEqualTo(303);
    }

    @Test
    @Timeout(60)
    void signingOutEndsTheStreamsOfTheSession() throws Exception {
        browser.signIn(api.key());
        String token = browser.token();
        double before = openStreams();
        try (InputStream stream = browser.stream("/ui/api/v1/jobs/" + jobs.submit() + "/events")) {
            streams.endRevoked();
            assertThat(openStreams()).isEqualTo(before + 1);

            browser.post("/ui/sign-out", Map.of("_form", token), "Origin", browser.base());
            streams.endRevoked();

            assertThat(openStreams()).isEqualTo(before);
            stream.readAllBytes();
        }
    }

    private double openStreams() {
        return meters.get("anneal.event.streams").gauge().value();
    }

    @Test
    void aKeyHasFiftySessionsAndTheOldestEndsFirst() {
        browser.signIn(api.key());
        String key = jdbc.sql("select key_id from page_sessions where sha256 = ?")
                .param(Sha256.of(browser.cookie()))
                .query(String.class)
                .single();
        String second = sessions.begin(key);

        for (int i = 0; i < 49; i++) {
            sessions.begin(key);
        }

        assertThat(browser.get("/ui").statusCode()).isEqualTo(303);
        browser.setCookie(second);
        assertThat(browser.get("/ui").statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({"last_used_at, 9 hours", "created_at, 8 days"})
    void aSessionEndsAfterItsTime(String column, String age) {
        browser.signIn(api.key());
        jdbc.sql("update page_sessions set " + column + " = now() - cast(? as interval)")
                .param(age)
                .update();

        assertThat(browser.get("/ui").statusCode()).isEqualTo(303);
    }

    @Test
    void requestsThatAPageMakesByItselfDoNotKeepASessionAlive() {
        browser.signIn(api.key());
        jdbc.sql("update page_sessions set last_used_at = now() - interval '7 hours'")
                .update();

        assertThat(browser.get("/ui", "Anneal-Poll", "true").statusCode()).isEqualTo(200);
        browser.get("/ui/api/v1/jobs/none/events", "Accept", "text/event-stream");
        assertThat(idleHours()).isEqualTo(7);
        browser.get("/ui");
        assertThat(idleHours()).isZero();
    }

    private int idleHours() {
        return jdbc.sql("select extract(hour from now() - last_used_at)::int from page_sessions where sha256 = ?")
                .param(Sha256.of(browser.cookie()))
                .query(Integer.class)
                .single();
    }

    @Test
    void aRevokedKeyEndsItsSessions() {
        Answer created =
                api.post("/api/v1/keys", "{\"name\": \"short\", \"role\": \"viewer\", \"project\": \"default\"}");
        browser.signIn(created.text("secret"));
        assertThat(browser.get("/ui").statusCode()).isEqualTo(200);

        api.delete("/api/v1/keys/" + created.text("id"));

        assertThat(browser.get("/ui").statusCode()).isEqualTo(303);
    }

    @Test
    void theApiDoesNotAcceptTheCookie() {
        browser.signIn(api.key());

        assertThat(browser.get("/api/v1/jobs").statusCode()).isEqualTo(401);
        assertThat(browser.get("/ui/api/v1/jobs").statusCode()).isEqualTo(200);
        assertThat(browser.get("/ui/api/v1/jobs/job_none").body()).contains("There is no job 'job_none'");
        assertThat(browser.get("/ui/api/actuator/info").statusCode()).isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource({
        "/ui/jobs?a=b, /ui/jobs?a=b",
        "/ui, /ui",
        "//evil.example, /ui",
        "https://evil.example/ui, /ui",
        "/uiX, /ui",
        "/ui/\\evil, /ui",
        "/ui@evil.example, /ui"
    })
    void theSignInLeadsOnlyToPagesOfThisServer(String then, String target) {
        assertThat(SignInPage.pageAfter(then)).isEqualTo(target);
    }

    @Test
    void theAdminOfTheServerChoosesTheProject() {
        api.post("/api/v1/projects", "{\"id\": \"second\", \"name\": \"The second\"}");
        browser.signIn(api.key());

        choose("second");

        assertThat(browser.get("/ui").body()).contains("<bdi>second</bdi>");
        HttpResponse<String> none = choose("none");
        assertThat(none.statusCode()).isEqualTo(404);
        assertThat(none.body()).contains("There is no project &#39;none&#39;");
    }

    private HttpResponse<String> choose(String project) {
        return browser.post(
                "/ui/project", Map.of("_form", browser.token(), "project", project), "Origin", browser.base());
    }

    private static String location(HttpResponse<String> answer) {
        return answer.headers().firstValue("Location").orElseThrow();
    }
}
