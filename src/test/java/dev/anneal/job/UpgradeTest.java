package dev.anneal.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.Server;
import dev.anneal.json.Json;
import dev.anneal.local.TestPostgres;
import dev.anneal.spec.Hyperparameters;
import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.TestServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.ContextConfiguration;
import org.springframework.util.FileSystemUtils;
import tools.jackson.databind.JsonNode;

/**
 * A server that starts on what version 2d0c8d4 left when it was killed: the rows of its database (schema V10), what its API
 * answered, and the checkpoint of the job that it was training. All jobs are from that version. Only a rejected dataset was added, and
 * the running job has fewer epochs.
 */
@SpringBootTest(classes = Server.class, webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
@ContextConfiguration(initializers = UpgradeTest.OldVersion.class)
@Import(Api.class)
class UpgradeTest {
    private static final Path LEFT = Path.of("src/test/resources/upgrade/2d0c8d4");

    private static final String RUNNING = "job_01M8JPY6Z1ZYQQE483NDD2P2WB";
    private static final int EPOCHS = 20;
    private static final String REJECTED = "ds_01M8JPR5KD70XG78SWGSRYZREJ";

    @Autowired
    Api api;

    @Autowired
    JdbcClient jdbc;

    private final Map<String, JsonNode> before = new HashMap<>();

    UpgradeTest() throws IOException {
        Json.MAPPER
                .readTree(Files.readString(LEFT.resolve("jobs.json")))
                .forEach(job -> before.put(job.get("name").asString(), withLaterFields(job)));
    }

    /** Returns the job with the default of each hyperparameter and task option that was added since. */
    private static JsonNode withLaterFields(JsonNode job) {
        if (Set.of("text-classification", "text-regression")
                .contains(job.get("task").asString())) {
            job.get("task_options").asObject().put("long_texts", "truncate");
        }
        switch (job.get("task").asString()) {
            case "text-classification" -> job.get("task_options").asObject().put("calibrate", false);
            case "causal-lm" -> job.get("task_options").asObject().put("generated_answers", 0);
            default -> {}
        }
        job.asObject()
                .putNull("retain_dataset")
                .putNull("replay")
                .putNull("folds")
                .put("data_curve", false)
                .putNull("slice_by")
                .putNull("terms");
        Map<String, Object> values = new HashMap<>();
        Hyperparameters.ALL.stream()
                .filter(each -> each.auto() != null || each.rule() == null)
                .forEach(each -> values.put(each.name(), each.auto()));
        job.get("hyperparameters")
                .forEachEntry((name, value) -> values.put(name, Json.MAPPER.treeToValue(value, Object.class)));
        return job.asObject().set("hyperparameters", Json.MAPPER.valueToTree(values));
    }

    @ParameterizedTest
    @ValueSource(strings = {"finished lora", "finished causal", "finished frozen", "failed"})
    void aJobThatHasEndedIsShownAsBefore(String name) {
        assertThat(job(name)).isEqualTo(before.get(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"finished lora", "finished causal", "finished frozen"})
    void theReportOfAJobHasAPage(String name) {
        Answer page = api.get("/api/v1/jobs/" + job(name).get("id").asString() + "/report.html");

        assertThat(page.status()).isEqualTo(200);
        assertThat(new String(page.bytes(), UTF_8)).contains(name, "</html>").doesNotContain("null", "NaN");
    }

    @ParameterizedTest
    @CsvSource({
        "finished lora, text-classification, f1_macro",
        "finished causal, causal-lm, loss",
        "finished frozen, token-classification, f1",
        "failed, text-classification, f1_macro",
        "running full, text-classification, loss",
        "paused head, multi-label-classification, f1_micro",
        "queued regression, text-regression, loss",
        "queued masked, masked-lm, loss"
    })
    void theMigrationSetsTheMetricOfTheBestCheckpoint(String name, String task, String metric) {
        Map<String, Object> spec = jdbc.sql(
                        "select spec ->> 'task' task, spec ->> 'best_metric' best_metric from jobs where name = ?")
                .param(name)
                .query()
                .singleRow();

        assertThat(spec).isEqualTo(Map.of("task", task, "best_metric", metric));
    }

    @Test
    void theMigrationCountsTheProblemsOfARejectedDataset() {
        assertThat(api.get("/api/v1/datasets/" + REJECTED).json().get("problem_codes"))
                .isEqualTo(Json.MAPPER.readTree("""
                        [{"code":"missing_text","severity":"error","count":2},
                         {"code":"invalid_json","severity":"error","count":1}]"""));
    }

    /** Servers are replaced one after the other. */
    @Test
    void aServerOfTheVersionBeforeStillRecordsProblems() {
        jdbc.sql("insert into dataset_problems (dataset_id, number, line, code, message)"
                        + " values (?, 4, 9, 'missing_text', 'No text.')")
                .param(REJECTED)
                .update();

        assertThat(jdbc.sql("select severity from dataset_problems where dataset_id = ? and number = 4")
                        .param(REJECTED)
                        .query(String.class)
                        .single())
                .isEqualTo("error");
    }

    @Test
    void aRunningJobResumesFromItsCheckpointAndSucceeds() {
        JsonNode job = api.await(RUNNING);

        assertThat(job.get("status").asString()).as("%s", job).isEqualTo("succeeded");
        assertThat(job.get("attempt").asInt()).isEqualTo(2);
        assertThat(job.get("hyperparameters").get("precision").asString()).isEqualTo("bf16");
        assertThat(job.get("best").get("metric").asString()).isEqualTo("loss");
        assertThat(job.get("metrics")
                        .valueStream()
                        .map(epoch -> epoch.get("epoch").asInt())
                        .toList())
                .isEqualTo(IntStream.rangeClosed(1, EPOCHS).boxed().toList());
        assertThat(resumedFrom(job)).containsExactly(210);
    }

    @ParameterizedTest
    @ValueSource(strings = {"queued regression", "queued masked"})
    void aQueuedJobRunsAndSucceeds(String name) {
        JsonNode job = api.await(before.get(name).get("id").asString());

        assertThat(job.get("status").asString()).as("%s", job).isEqualTo("succeeded");
        assertAsked(job, before.get(name));
    }

    @Test
    void aPausedJobKeepsItsDatasetAndCanBeResumed() {
        JsonNode paused = before.get("paused head");
        String path = "/api/v1/jobs/" + paused.get("id").asString();
        assertThat(job("paused head")).isEqualTo(paused);
        assertThat(api.delete("/api/v1/datasets/" + paused.get("dataset").asString())
                        .code())
                .isEqualTo("dataset_in_use");

        api.post(path + "/resume");
        JsonNode job = api.await(paused.get("id").asString());

        assertThat(job.get("status").asString()).as("%s", job).isEqualTo("succeeded");
        assertAsked(job, paused);
    }

    /** Asserts that the job is what was asked for; the worker has decided its precision. */
    private static void assertAsked(JsonNode job, JsonNode asked) {
        for (String field : List.of(
                "name",
                "task",
                "task_options",
                "base_model",
                "dataset",
                "validation_dataset",
                "method",
                "early_stopping",
                "checkpoints",
                "memory_bytes")) {
            assertThat(job.get(field)).as(field).isEqualTo(asked.get(field));
        }
        assertThat(job.get("hyperparameters").get("precision").asString()).isIn("fp32", "bf16");
        assertThat(job.get("hyperparameters").deepCopy().asObject().put("precision", "auto"))
                .isEqualTo(asked.get("hyperparameters"));
    }

    private JsonNode job(String name) {
        return api.get("/api/v1/jobs/" + before.get(name).get("id").asString()).json();
    }

    private List<Integer> resumedFrom(JsonNode job) {
        return api.get("/api/v1/jobs/" + job.get("id").asString() + "/events?limit=1000")
                .json()
                .get("data")
                .valueStream()
                .map(event -> event.get("data").path("data").path("resumed_from_step"))
                .filter(JsonNode::isNumber)
                .map(JsonNode::asInt)
                .toList();
    }

    /** Restores the database and the files before the server starts. */
    static class OldVersion extends TestServer {
        @Override
        protected TestPostgres.Database database() {
            return TestPostgres.newEmptyDatabase();
        }

        @Override
        public void initialize(ConfigurableApplicationContext context) {
            super.initialize(context);
            Environment environment = context.getEnvironment();
            try {
                restoreRows(
                        environment.getProperty("spring.datasource.url"),
                        environment.getProperty("spring.datasource.username"),
                        environment.getProperty("spring.datasource.password"));
                restoreFiles(Path.of(environment.getProperty("anneal.data"), "artifacts"));
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static void restoreRows(String url, String user, String password) throws SQLException, IOException {
            Flyway.configure()
                    .dataSource(url, user, password)
                    .target("10")
                    .load()
                    .migrate();
            try (Connection connection = DriverManager.getConnection(url, user, password);
                    Statement statement = connection.createStatement()) {
                for (String line : Files.readAllLines(LEFT.resolve("database.sql"))) {
                    if (!line.startsWith("--")) {
                        statement.execute(line);
                    }
                }
                reject(statement);
                shorten(statement);
            }
        }

        /** Adds what that version stored of a file with problems. */
        private static void reject(Statement statement) throws SQLException {
            statement.execute("insert into datasets select (json_populate_record(d, '{\"id\":\"" + REJECTED
                    + "\",\"status\":\"rejected\",\"problem_count\":3}')).* from datasets d limit 1");
            statement.execute("insert into dataset_problems (dataset_id, number, line, code, message)"
                    + " select '" + REJECTED + "', number, number, code, 'A problem.' from (values"
                    + " (1, 'missing_text'), (2, 'invalid_json'), (3, 'missing_text')) problems (number, code)");
        }

        /** Leaves 13 epochs to the job that was running, and not 93. */
        private static void shorten(Statement statement) throws SQLException {
            statement.execute("update jobs set hyperparameters = jsonb_set(hyperparameters, '{epochs}', '" + EPOCHS
                    + "') where id = '" + RUNNING + "'");
        }

        private static void restoreFiles(Path artifacts) throws IOException {
            FileSystemUtils.copyRecursively(
                    Path.of("src/test/resources/models/bert"),
                    artifacts.resolve("imports/mdl_01M8JPR4H0D20EWBYGH7R4ED8F"));
            try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(LEFT.resolve("artifacts.zip")))) {
                for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                    Path file = artifacts.resolve(entry.getName());
                    if (entry.isDirectory()) {
                        Files.createDirectories(file);
                    } else {
                        Files.createDirectories(file.getParent());
                        Files.copy(zip, file);
                    }
                }
            }
        }
    }
}
