package dev.anneal.page;

import static dev.anneal.page.Chromium.quoted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.ReadyModels;
import dev.anneal.testing.Reviews;
import dev.anneal.testing.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The whole journey of a person by the page alone, in a browser, with texts that try to become markup. It is skipped on a machine
 * without Chromium.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class BrowserJourneyTest {
    private static final int EPOCHS = 25;
    private static final String STEP =
            "Number(/Step (\\d+)/.exec(document.getElementById('curve-table')?.textContent)?.[1] ?? 0)";

    private final RestartedServer server = new RestartedServer();
    private Chromium browser;
    private Inspection inspection;

    @BeforeEach
    void start() throws IOException {
        Path chromium = Chromium.required();
        server.start();
        ReadyModels models = server.create(ReadyModels.class);
        models.tiny();
        models.add("tiny/llama", "default", Path.of("src/test/resources/models/llama"));
        browser = new Chromium(chromium);
        inspection = new Inspection(browser);
    }

    @AfterEach
    void stop() {
        if (browser != null) {
            browser.close();
        }
        server.close();
    }

    @Test
    void aPersonGoesFromAFileWithFaultsToAModelAndUsesIt() throws IOException {
        signIn();
        String dataset = uploadAndFix();
        String job = createJob("First run");
        watchThroughAReloadAndARestart(job);
        readTheReport(job);
        compareWithAClone(job);
        predict("First run");
        chat();
        download("First run");
        lookAtAJobOfManySteps(job);
        lookAtTheOtherPages(dataset);
        assertThat(browser.faults()).isEmpty();
        assertThat(inspection.violations()).isEmpty();
    }

    private void signIn() throws IOException {
        browser.open(server.url() + "/ui");
        inspection.look("sign-in");
        browser.type("#key", server.key());
        browser.clickOn("Sign in");
        awaitPage("Home");
        inspection.look("first-steps");
    }

    /** Uploads a file that is rejected, then one with repeated rows, and removes these. Returns the path of the last version. */
    private String uploadAndFix() throws IOException {
        List<String> rows = new String(Reviews.csv(120)).lines().toList();
        browser.clickOn("Datasets");
        awaitPage("Datasets");
        upload("reviews.csv", Stream.concat(rows.stream(), Stream.of("No label follows,")));
        awaitText("rejected");
        awaitText("122");
        inspection.look("dataset-rejected");

        browser.clickOn("Datasets");
        awaitPage("Datasets");
        upload(
                "<img src=x onerror=alert(1)>.csv",
                Stream.concat(rows.stream(), rows.stream().skip(1).limit(5)));
        awaitText("drop duplicates");
        inspection.look("dataset-with-warnings");
        String before = path();
        browser.clickOn("drop duplicates");
        browser.await("location.pathname !== " + quoted(before)
                + " && document.body.innerText.includes('Fine-tune a model')");
        awaitText("this one was made of it");
        assertThat(browser.text()).contains("120: ").doesNotContain("drop duplicates");
        browser.await("!document.getElementById('statistics').innerText.includes('The server counts')");
        inspection.look("dataset-mended");
        return path();
    }

    private void upload(String name, Stream<String> lines) throws IOException {
        Path file = TestServer.newDirectory().resolve(name);
        Files.write(file, lines.toList());
        browser.clickOn("Upload a file");
        browser.chooseFile("#file", file);
        browser.clickOn("Upload and check");
        browser.await("location.pathname.startsWith('/ui/datasets/')");
    }

    private String createJob(String name) throws IOException {
        browser.clickOn("Fine-tune a model");
        awaitPage("New job");
        browser.type("#field-name", name);
        browser.choose("#field-base_model", "tiny/bert");
        browser.type("#field-hyperparameters-epochs", String.valueOf(EPOCHS));
        browser.type("#field-hyperparameters-batch_size", "4");
        browser.type("#field-hyperparameters-learning_rate", "0.01");
        browser.await("document.querySelector('#estimate dl') && document.getElementById('json').innerText.includes("
                + quoted("\"epochs\": " + EPOCHS) + ")");
        inspection.look("new-job");
        browser.clickOn("Create the job");
        awaitPage(name);
        return path();
    }

    private void watchThroughAReloadAndARestart(String job) throws IOException {
        browser.await(STEP + " > 0 && document.querySelectorAll('#chart-loss canvas').length === 1");
        int seen = browser.js(STEP).asInt();
        browser.reload();
        browser.await(STEP + " >= " + seen);
        browser.await("document.getElementById('connection').textContent === 'Live.'");

        server.close();
        browser.await("/onnect/.test(document.getElementById('connection').textContent)");
        int before = browser.js(STEP).asInt();
        assertThat(browser.js("document.querySelector('#now .status').textContent")
                        .asString())
                .isNotEqualTo("succeeded");
        inspection.look("job-server-gone");
        server.start();
        browser.await(STEP + " > " + before);
        assertThat(path()).isEqualTo(job);
        browser.await("document.querySelector('#now .status.succeeded')");
        browser.await("document.getElementById('connection').textContent === 'The job has ended.'");
        browser.await("document.querySelectorAll('#tables section:first-child tbody tr').length === " + EPOCHS);
        inspection.look("job");
    }

    private void readTheReport(String job) throws IOException {
        browser.clickOn("Report");
        browser.await("location.pathname.endsWith('/report.html') && document.readyState === 'complete'");
        awaitText("Accuracy");
        inspection.look("report");
        browser.open(server.url() + job);
    }

    private void compareWithAClone(String job) throws IOException {
        browser.clickOn("Clone");
        awaitPage("Clone a job");
        assertThat(browser.js("document.getElementById('field-hyperparameters-epochs').value")
                        .asString())
                .isEqualTo(String.valueOf(EPOCHS));
        browser.type("#field-hyperparameters-epochs", "2");
        browser.type("#field-hyperparameters-learning_rate", "0.003");
        browser.clickOn("Create the job");
        awaitPage("First run again");
        browser.await("document.querySelector('#now .status.succeeded')");

        browser.clickOn("Jobs");
        awaitPage("Jobs");
        inspection.look("jobs");
        browser.click("tbody tr:nth-child(1) input[name=ids]");
        browser.click("tbody tr:nth-child(2) input[name=ids]");
        browser.clickOn("Compare the chosen jobs");
        awaitPage("Compare jobs");
        browser.await("document.querySelectorAll('#compared canvas').length > 1");
        assertThat(browser.text()).contains("hyperparameters.learning_rate", "0.003", "test accuracy");
        inspection.look("compare");
    }

    private void predict(String model) throws IOException {
        browser.clickOn("Playground");
        awaitPage("Playground");
        browser.choose("#first", model + " (");
        browser.type("#words", "A warm and funny film, with <b>great</b> actors.");
        browser.clickOn("Ask");
        browser.await("document.querySelector('#answers .large')");
        assertThat(browser.js("document.querySelector('#answers .large').textContent")
                        .asString())
                .isIn("positive", "negative");
        inspection.look("playground");
    }

    private void chat() throws IOException {
        browser.choose("#first", "tiny/llama (");
        browser.type("#tokens", "8");
        browser.js(
                "window.sent = []; window.plain = window.fetch;"
                        + " window.fetch = (url, options) => { sent.push(JSON.parse(options.body)); return plain(url, options); }");
        for (int turn = 1; turn <= 2; turn++) {
            browser.type("#words", "<img src=x onerror=alert(" + turn + ")>");
            browser.clickOn("Ask");
            browser.await("document.querySelectorAll('#answers .said').length === " + turn
                    + " && [...document.querySelectorAll('#answers .note')].filter(each => each.textContent.includes('ended by')).length === "
                    + turn);
        }
        assertThat(browser.js("sent[1].messages.map(each => each.role).join()").asString())
                .isEqualTo("user,assistant,user");
        assertThat(browser.js("sent[1].messages[1].content === document.querySelector('#answers .marked').textContent")
                        .asBoolean())
                .isTrue();
        assertThat(browser.js("document.querySelectorAll('#answers img').length")
                        .asInt())
                .isZero();
        inspection.look("chat");
    }

    private void download(String model) throws IOException {
        browser.clickOn("Models");
        awaitPage("Models");
        inspection.look("models");
        browser.clickOn(model);
        awaitPage(model);
        inspection.look("model");
        browser.clickOn("Download");
        Path[] file = new Path[1];
        Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> {
            try (Stream<Path> files = Files.list(browser.downloads())) {
                file[0] = files.filter(each -> each.toString().endsWith(".zip"))
                        .findFirst()
                        .orElse(null);
            }
            return file[0] != null;
        });
        try (ZipFile zip = new ZipFile(file[0].toFile())) {
            assertThat(zip.stream().map(entry -> entry.getName()).toList())
                    .anyMatch(name -> name.endsWith("model.safetensors"))
                    .anyMatch(name -> name.endsWith("config.json"));
        }
    }

    private void lookAtAJobOfManySteps(String job) throws IOException {
        JdbcClient jdbc = server.bean(JdbcClient.class);
        String id = job.substring(job.lastIndexOf('/') + 1);
        jdbc.sql("""
                        insert into job_events (job_id, id, type, data)
                        select id, last_event + n, 'step', jsonb_build_object('step', 100000 + n, 'epoch', 1, 'learning_rate', 0.001,
                            'examples_per_second', 10 + n % 7, 'train_loss', 1 + sin(n / 9000.0) / 2)
                        from jobs, generate_series(1, 100000) as n where id = ?""").param(id).update();
        jdbc.sql("update jobs set last_event = last_event + 100000 where id = ?")
                .param(id)
                .update();
        browser.open(server.url() + job);
        browser.await(STEP + " === 200000");
        browser.call("HeapProfiler.collectGarbage", Map.of());
        assertThat(browser.call("Runtime.getHeapUsage", Map.of())
                        .path("usedSize")
                        .asLong())
                .as("bytes of the page's scripts")
                .isLessThan(50_000_000);
        inspection.look("job-of-many-steps");
    }

    private void lookAtTheOtherPages(String dataset) throws IOException {
        for (String path : List.of("/ui", "/ui/datasets", "/ui/admin", "/ui/admin/audit", "/ui/project", "/ui/none")) {
            browser.open(server.url() + path);
            inspection.look(path.substring(3).replace('/', '-').replaceFirst("^-?", "page-"));
        }
        browser.clickOn("Go to the home page");
        awaitPage("Home");
        browser.clickOn("Sign out");
        awaitPage("Sign in");
        browser.open(server.url() + dataset);
        awaitPage("Sign in");
    }

    private void awaitPage(String title) {
        browser.await(
                "document.readyState === 'complete' && document.querySelector('h1')?.innerText === " + quoted(title));
    }

    private void awaitText(String text) {
        browser.await("document.body.innerText.includes(" + quoted(text) + ")");
    }

    private String path() {
        return browser.js("location.pathname").asString();
    }
}
