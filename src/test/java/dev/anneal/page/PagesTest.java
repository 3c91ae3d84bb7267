package dev.anneal.page;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.security.OperationPermissions;
import dev.anneal.security.RequiredRole;
import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.Reviews;
import dev.anneal.testing.ServerTest;
import dev.anneal.testing.TestJobs;
import java.io.StringReader;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.test.context.TestPropertySource;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** All pages that links lead to, with names, rows and labels that try to become markup. */
@ServerTest
@TestPropertySource(properties = "anneal.roles=api,inference")
class PagesTest {
    private static final String HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>";
    private static final Pattern CALL = Pattern.compile("href=\"(/ui/api/[^\"]*)\"");
    private static final String FOREIGN = "https://evil.example";

    @Autowired
    Api api;

    @Autowired
    TestJobs jobs;

    @Autowired
    JdbcClient jdbc;

    @Autowired
    Environment environment;

    private Browser browser;
    private String job;

    @BeforeEach
    void fill() {
        if (api.get("/api/v1/jobs").json().path("data").isEmpty()) {
            String name = HOSTILE.replace("\"", "\\\"");
            api.upload(
                    "hostile.csv",
                    ("text,label\n" + "\"" + HOSTILE.replace("\"", "\"\"") + "\",\"" + HOSTILE.replace("\"", "\"\"")
                                    + "\"\n" + "fine,other\n")
                            .getBytes(UTF_8),
                    Map.of("name", HOSTILE));
            api.upload("reviews.csv", twice(Reviews.csv(60)), Map.of());
            jobs.submit("\"name\": \"" + name + "\"");
            api.post("/api/v1/projects", "{\"id\": \"hostile\", \"name\": \"" + name + "\"}");
        }
        job = api.get("/api/v1/jobs").json().path("data").get(0).path("id").asString();
        browser = new Browser("http://127.0.0.1:" + environment.getProperty("local.server.port"));
        browser.signIn(api.key());
    }

    /** Returns rows that repeat each other, so that the page offers a repair. */
    private static byte[] twice(byte[] csv) {
        String rows = new String(csv, UTF_8);
        return (rows + rows.substring(rows.indexOf('\n') + 1)).getBytes(UTF_8);
    }

    @Test
    void noNameRowOrLabelBecomesMarkup() throws Exception {
        Map<String, String> pages = browser.crawl();

        assertThat(pages).hasSizeGreaterThan(6);
        assertThat(pages.values()).anyMatch(page -> page.contains("&lt;script&gt;alert(1)"));
        for (Map.Entry<String, String> page : pages.entrySet()) {
            NodeList elements = DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(new InputSource(new StringReader(page.getValue().replace("<!DOCTYPE html>", ""))))
                    .getElementsByTagName("*");
            for (int i = 0; i < elements.getLength(); i++) {
                Element element = (Element) elements.item(i);
                assertThat(element.getTagName()).as(page.getKey()).isNotIn("img", "style", "iframe", "object");
                if (element.getTagName().equals("script")) {
                    assertThat(element.getAttribute("src")).startsWith("/files/");
                    assertThat(element.getTextContent()).isEmpty();
                }
                for (int a = 0; a < element.getAttributes().getLength(); a++) {
                    String attribute = element.getAttributes().item(a).getNodeName();
                    assertThat(attribute)
                            .as(page.getKey())
                            .doesNotStartWith("on")
                            .isNotIn("style", "srcdoc", "hx-on");
                }
                assertThat(element.getAttribute("href")).as(page.getKey()).doesNotStartWith("javascript");
                if (element.hasAttribute("hx-select")) { // it may refresh itself, which must not keep the session alive
                    assertThat(element.getAttribute("hx-headers"))
                            .as(page.getKey())
                            .contains("Anneal-Poll");
                }
            }
        }
    }

    @Test
    void eachFormRefusesAForeignOriginAndAMissingToken() {
        List<String> forms = new ArrayList<>();
        Map<String, String> pages = browser.crawl();
        String token = browser.token();
        pages.put("/ui/sign-in", new Browser(browser.base()).get("/ui/sign-in").body());
        for (String page : pages.values()) {
            Matcher form = Browser.FORM.matcher(page);
            while (form.find()) {
                String method = attribute(form.group(1), "data-call", attribute(form.group(1), "method", ""));
                if (method.equals("get")) {
                    continue;
                }
                String path = attribute(form.group(1), "action", "");
                assertThat(form.group(2)).contains("name=\"_form\"");
                assertThat(path).startsWith("/ui/");
                forms.add(method + " " + path);
                String send = method.toUpperCase();
                Map<String, String> signed = Map.of("_form", token);
                assertRefused(browser.send(send, path, signed, "Origin", FOREIGN, "Anneal-Form", token), path);
                assertRefused(browser.send(send, path, signed, "Anneal-Form", token), path);
                assertRefused(
                        browser.send(
                                send,
                                path,
                                signed,
                                "Anneal-Form",
                                token,
                                "Origin",
                                browser.base(),
                                "Sec-Fetch-Site",
                                "cross-site"),
                        path);
                assertRefused(browser.send(send, path, Map.of(), "Origin", browser.base()), path);
                assertRefused(
                        browser.send(send, path, Map.of("_form", "x"), "Origin", browser.base(), "Anneal-Form", "x"),
                        path);
            }
        }
        assertThat(forms)
                .contains(
                        "post /ui/sign-in",
                        "post /ui/sign-out",
                        "post /ui/project",
                        "POST /ui/api/v1/datasets",
                        "POST /ui/api/v1/jobs/" + job + "/cancel");
        assertThat(forms).anyMatch(form -> form.matches("POST /ui/api/v1/datasets/.*/versions"));
        assertThat(jobs.status(job)).isEqualTo("queued");
    }

    private static void assertRefused(HttpResponse<String> answer, String path) {
        assertThat(answer.statusCode()).as(path).isEqualTo(403);
    }

    @Test
    void aViewerSeesNoButtonThatWouldAnswer403() {
        Answer key = api.post("/api/v1/keys", "{\"name\": \"v\", \"role\": \"viewer\", \"project\": \"default\"}");
        Browser viewer = new Browser(browser.base());
        viewer.signIn(key.text("secret"));

        Map<String, String> pages = viewer.crawl();
        assertThat(pages.keySet())
                .contains("/ui", "/ui/datasets", "/ui/jobs", "/ui/jobs/" + job, "/ui/models", "/ui/playground");
        pages.forEach((path, page) -> {
            Matcher link = CALL.matcher(page);
            while (link.find()) {
                String call = link.group(1).substring("/ui".length()).replaceFirst("\\?.*", "");
                assertThat(OperationPermissions.of(new MockHttpServletRequest("GET", call))
                                .orElseThrow()
                                .need())
                        .as(call)
                        .isEqualTo(RequiredRole.viewer);
            }
            Matcher form = Browser.FORM.matcher(page);
            while (form.find()) {
                String method = attribute(form.group(1), "data-call", "");
                assertThat(method).as(path).isIn("", "GET");
                assertThat(attribute(form.group(1), "action", ""))
                        .isIn(
                                "/ui/sign-out",
                                "/ui/jobs",
                                "/ui/datasets",
                                "/ui/models",
                                "/ui/playground",
                                "/ui/compare",
                                "/ui/admin/audit");
            }
        });
        assertThat(viewer.get("/ui/project").statusCode()).isEqualTo(403);
        assertThat(viewer.get("/ui/project").body()).contains("requires the role admin");
    }

    @Test
    void aFormCallsTheApiWithItsRoleItsAuditAndItsAnswer() {
        String token = browser.token();
        String other = jobs.submit();

        HttpResponse<String> answer = browser.send(
                "POST",
                "/ui/api/v1/jobs/" + other + "/pause",
                Map.of(),
                "Origin",
                browser.base(),
                "Anneal-Form",
                token);

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(jobs.status(other)).isEqualTo("paused");
        assertThat(api.get("/api/v1/audit?operation=pauseJob")
                        .json()
                        .path("data")
                        .get(0)
                        .path("resource")
                        .asString())
                .isEqualTo(other);
        assertThat(browser.get("/ui/jobs/" + other).body()).contains("Resume");
        api.post("/api/v1/jobs/" + other + "/cancel");
        api.delete("/api/v1/jobs/" + other);
        HttpResponse<String> gone = browser.get("/ui/jobs/" + other);
        assertThat(gone.statusCode()).isEqualTo(404);
        assertThat(gone.body()).contains("There is no job");
    }

    @Test
    void aFilterOrAPageThatIsNotThereIsRefusedInTheWordsOfTheApi() {
        assertThat(browser.get("/ui/jobs?status=odd").body()).contains("&#39;status&#39; must be one of");
        assertThat(browser.get("/ui/jobs?after=odd").body()).contains("is not the id of a job");
        HttpResponse<String> unknown = browser.get("/ui/nothing", "Accept", "text/html,application/xhtml+xml");
        assertThat(unknown.statusCode()).isEqualTo(404);
        assertThat(unknown.body()).contains("There is no page", "/ui/nothing", "Go to the home page");
        assertThat(browser.get("/ui/jobs?status=failed").body()).contains("No job is failed.");
        assertThat(browser.get("/ui/datasets?status=odd").body()).contains("&#39;status&#39; must be one of");
        assertThat(browser.get("/ui/datasets?status=validating").body()).contains("No dataset is validating.");
        assertThat(browser.get("/ui/datasets?status=ready").body()).contains("reviews.csv");
    }

    @Test
    void aListShowsItsNextPage() {
        for (int i = 0; i < 20; i++) {
            jobs.submit();
        }

        String first = browser.get("/ui/jobs").body();

        Matcher next = Pattern.compile("href=\"(/ui/jobs\\?after=[^\"]*)\"").matcher(first);
        assertThat(next.find()).isTrue();
        assertThat(browser.get(next.group(1)).body()).contains("First page", job);
        api.get("/api/v1/jobs?limit=20").json().path("data").forEach(view -> {
            String id = view.path("id").asString();
            api.post("/api/v1/jobs/" + id + "/cancel");
            api.delete("/api/v1/jobs/" + id);
        });
    }

    @Test
    void ofManyValidationsThePageOfAJobShowsTheLastHundred() {
        String other = jobs.submit();
        jdbc.sql("""
                        insert into job_validations (job_id, epoch, step, metrics)
                        select ?, 1, n, jsonb_build_object('epoch', 1, 'step', n, 'within_epoch', true, 'train_loss', 0.5,
                            'validation_loss', 0.5, 'learning_rate', 0.1, 'examples_per_second', 9, 'seconds', 2, 'accuracy', 1)
                        from generate_series(1, 1000) as n""").param(other).update();

        String page = browser.get("/ui/jobs/" + other).body();

        assertThat(page)
                .contains("The last 100 of 1,000 validations. The charts show all.")
                .contains("1, step 901<", "1, step 1,000<")
                .doesNotContain("1, step 900<");
        api.post("/api/v1/jobs/" + other + "/cancel");
        api.delete("/api/v1/jobs/" + other);
    }

    @Test
    void aCloneHasAllFieldsOfTheRequest() {
        String other = jobs.submit(
                "\"subset\": {\"rows\": 40}",
                "\"method\": {\"type\": \"lora\", \"r\": 4}",
                "\"metadata\": {\"team\": \"blue\"}",
                "\"priority\": 7");

        String page = browser.get("/ui/jobs/new?from=" + other).body();

        assertThat(page)
                .contains("Clone a job", "value=\"lora\" selected", "few_shot")
                .contains("&quot;rows&quot; : 40", "&quot;team&quot; : &quot;blue&quot;", "&quot;priority&quot; : 7");
        api.post("/api/v1/jobs/" + other + "/cancel");
        api.delete("/api/v1/jobs/" + other);
    }

    @Test
    void thePagesLoadOnlyFilesOfThisServer() {
        HttpResponse<String> page = browser.get("/ui");

        assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
                .contains("default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'")
                .doesNotContain("unsafe");
        assertThat(page.headers().firstValue("Cache-Control")).hasValue("no-store");
        Matcher file = Pattern.compile("(?:src|href)=\"(/files/[^\"]*)\"").matcher(page.body());
        int bytes = page.body().length();
        Set<String> seen = new java.util.HashSet<>();
        while (file.find()) {
            HttpResponse<String> found = browser.get(file.group(1));
            assertThat(found.statusCode()).isEqualTo(200);
            assertThat(found.headers().firstValue("Cache-Control").orElseThrow())
                    .contains("immutable");
            bytes += found.body().length();
            seen.add(file.group(1).replaceAll("\\?.*", ""));
        }
        assertThat(seen).contains("/files/htmx.js", "/files/ui.js", "/files/ui.css");
        assertThat(bytes).isLessThan(150_000);
        assertThat(browser.get("/files/none.js").statusCode()).isEqualTo(404);
    }

    @Test
    void everyPageRequiresASession() {
        assertThat(OperationPermissions.named("pages").need()).isEqualTo(RequiredRole.viewer);
        Browser nobody = new Browser(browser.base());
        browser.crawl()
                .keySet()
                .forEach(path ->
                        assertThat(nobody.get(path).statusCode()).as(path).isEqualTo(303));
    }

    private static String attribute(String tag, String name, String byDefault) {
        Matcher value = Pattern.compile(" " + name + "=\"([^\"]*)\"").matcher(tag);
        return value.find() ? value.group(1) : byDefault;
    }
}
