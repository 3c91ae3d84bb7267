package dev.anneal.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ReceivedFilesTest;
import dev.anneal.testing.ServerTest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** The check of files after the answer, one dataset at a time. Locks in Postgres keep it busy. */
@ServerTest
@Timeout(300)
@TestPropertySource(
        properties = {
            "anneal.roles=api",
            "anneal.validation.parallel=1",
            "anneal.validation.max-per-project=3",
            "anneal.validation.heartbeat=50ms",
            "anneal.validation.lease=2s",
            "anneal.validation.poll=100ms"
        })
class ValidationTest extends ReceivedFilesTest {
    private static final String ROWS = "text,label\ngood,a\nfine,a\nbad,b\nawful,b\n";
    private static final String[] ASYNC = {"Prefer", "respond-async"};

    @Autowired
    Api api;

    @Autowired
    JdbcClient jdbc;

    @Autowired
    DataSource dataSource;

    /** A transaction that holds a lock until it is closed. */
    private record Lock(Connection connection) implements AutoCloseable {
        static Lock take(DataSource source, String sql) throws SQLException {
            Connection connection = source.getConnection();
            connection.setAutoCommit(false);
            connection.createStatement().execute(sql);
            return new Lock(connection);
        }

        @Override
        public void close() throws SQLException {
            connection.rollback();
            connection.setAutoCommit(true);
            connection.close();
        }
    }

    /** Lets no process store rows. */
    private Lock noRows() throws SQLException {
        return Lock.take(dataSource, "lock table dataset_rows in exclusive mode");
    }

    private Answer send(String rows, String... headers) {
        return api.upload("r.csv", rows.getBytes(StandardCharsets.UTF_8), Map.of(), headers);
    }

    private JsonNode awaitEnd(String id) {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(
                        () -> api.get("/api/v1/datasets/" + id).json(),
                        dataset -> !dataset.get("status").asString().equals("validating"));
    }

    @Test
    void aFileThatTakesLongIsCheckedAfterTheAnswerAndItsDatasetShowsTheProgress() throws Exception {
        String id;
        try (Lock lock = noRows()) {
            Answer accepted = send(ROWS, "Prefer", "wait=1");

            assertThat(accepted.status()).isEqualTo(202);
            id = accepted.text("id");
            assertThat(accepted.headers().firstValue("Location")).contains("/api/v1/datasets/" + id);
            assertThat(accepted.text("status")).isEqualTo("validating");
            assertThat(accepted.json().get("size_bytes").asInt()).isEqualTo(ROWS.length());
            assertThat(accepted.json().get("task").isNull()).isTrue();
            Awaitility.await()
                    .untilAsserted(() -> assertThat(api.get("/api/v1/datasets/" + id)
                                    .json()
                                    .get("progress")
                                    .toString())
                            .isEqualTo("{\"phase\":\"checking\",\"read_bytes\":%d,\"total_bytes\":%d,\"row_count\":4}"
                                    .formatted(ROWS.length(), ROWS.length())));
            notReady(id);
        }

        JsonNode ready = awaitEnd(id);
        assertThat(ready.get("status").asString()).isEqualTo("ready");
        assertThat(ready.get("row_count").asInt()).isEqualTo(4);
        assertThat(ready.get("progress").isNull()).isTrue();
        assertThat(api.get("/api/v1/datasets/" + id + "/rows").json().get("data"))
                .hasSize(4);
        assertThat(api.get("/api/v1/datasets/" + id + "/statistics").status()).isEqualTo(200);
    }

    /** Nothing answers about rows that are not known yet. */
    private void notReady(String id) {
        String path = "/api/v1/datasets/" + id;
        List<Answer> answers = List.of(
                api.get(path + "/rows"),
                api.get(path + "/statistics"),
                api.get(path + "/export"),
                api.post(path + "/versions", "{\"steps\":[{\"type\":\"strip\"}]}"),
                api.post("/api/v1/jobs", "{\"base_model\":\"all-MiniLM-L6-v2\",\"dataset\":\"" + id + "\"}"));
        for (Answer answer : answers) {
            assertThat(answer.status()).as("%s", answer.json()).isEqualTo(409);
            assertThat(answer.code()).isEqualTo("dataset_not_ready");
            assertThat(answer.detail()).contains("still checks the file", "GET /api/v1/datasets/" + id);
        }
        assertThat(api.get(path + "/lineage").status()).isEqualTo(200);
        assertThat(api.get(path + "/problems").json().get("data")).isEmpty();
    }

    @Test
    void aRequestWaitsForTheResultByDefault() throws Exception {
        CompletableFuture<Answer> answer;
        try (Lock lock = noRows()) {
            answer = CompletableFuture.supplyAsync(() -> send(ROWS));
            Awaitility.await().until(() -> !files().isEmpty());
            assertThat(answer).isNotDone();
        }

        assertThat(answer.get().status()).isEqualTo(201);
    }

    @Test
    void badRowsThatAreFoundAfterTheAnswerRejectTheDataset() throws Exception {
        String id;
        try (Lock lock = noRows()) {
            send(ROWS, ASYNC); // takes the only thread
            id = send(ROWS.replace("fine", " "), ASYNC).text("id");
        }

        assertThat(awaitEnd(id).get("status").asString()).isEqualTo("rejected");
        assertThat(api.get("/api/v1/datasets/" + id + "/export").code()).isEqualTo("dataset_not_ready");
        assertThat(api.get("/api/v1/datasets/" + id + "/problems?severity=error")
                        .json()
                        .get("data")
                        .get(0)
                        .get("line")
                        .asInt())
                .isEqualTo(3);
    }

    @Test
    void aFileThatCannotBeUsedAtAllIsRefusedWithoutADatasetOrRejectedIfTheClientDoesNotWait() throws Exception {
        String before = api.get("/api/v1/datasets?limit=1").json().toString();
        Answer refused = send("text\ngood\n");
        assertThat(refused.code()).isEqualTo("missing_column");
        assertThat(api.get("/api/v1/datasets?limit=1").json().toString()).isEqualTo(before);

        String id;
        try (Lock lock = noRows()) {
            send(ROWS, ASYNC); // so that the next one waits
            id = send("text\ngood\n", ASYNC).text("id");
        }
        JsonNode rejected = awaitEnd(id);
        assertThat(rejected.get("status").asString()).isEqualTo("rejected");
        assertThat(rejected.get("problem_codes").toString())
                .isEqualTo("[{\"code\":\"missing_column\",\"severity\":\"error\",\"count\":1}]");
        JsonNode problem = api.get("/api/v1/datasets/" + id + "/problems")
                .json()
                .get("data")
                .get(0);
        assertThat(refused.detail()).contains(problem.get("message").asString());
        assertThat(api.get("/api/v1/datasets/" + id + "/lineage").status()).isEqualTo(200);
    }

    @Test
    void aDeletedDatasetIsNotCheckedAnyMore() throws Exception {
        String first;
        String second;
        Lock row;
        try (Lock lock = noRows()) {
            first = send(ROWS, ASYNC).text("id");
            second = send(ROWS, ASYNC).text("id");
            row = Lock.take(dataSource, "select id from datasets where id = '" + first + "' for update");
        }
        try (row) { // the first cannot be stored, so the second still waits
            assertThat(api.delete("/api/v1/datasets/" + second).status()).isEqualTo(204);
            Awaitility.await().until(() -> files().stream().noneMatch(file -> file.endsWith(second)));
        }

        assertThat(awaitEnd(first).get("status").asString()).isEqualTo("ready");
        assertThat(api.get("/api/v1/datasets/" + second).status()).isEqualTo(404);
    }

    @Test
    void aDatasetThatIsDeletedWhileItsRowsAreStoredLeavesNone() throws Exception {
        CompletableFuture<Answer> answer;
        String id;
        Lock row;
        try (Lock lock = noRows()) {
            answer = CompletableFuture.supplyAsync(() -> send(ROWS));
            id = Path.of(Awaitility.await()
                            .until(() -> files().stream().findFirst().orElse(""), file -> !file.isEmpty()))
                    .getFileName()
                    .toString();
            row = Lock.take(dataSource, "select id from datasets where id = '" + id + "' for update");
        }
        try (row) {
            row.connection().createStatement().execute("delete from datasets where id = '" + id + "'");
            row.connection().commit();
        }

        assertThat(answer.get().status()).isEqualTo(404);
        assertThat(jdbc.sql("select count(*) from dataset_rows where dataset_id = ?")
                        .param(id)
                        .query(Long.class)
                        .single())
                .isZero();
    }

    @Test
    void theNumberOfDatasetsThatAProjectHasCheckedAtOnceIsLimited() throws Exception {
        try (Lock lock = noRows()) {
            for (int i = 0; i < 3; i++) {
                assertThat(send(ROWS, ASYNC).status()).isEqualTo(202);
            }
            Answer fourth = send(ROWS, ASYNC);
            assertThat(fourth.status()).isEqualTo(429);
            assertThat(fourth.code()).isEqualTo("too_many_uploads");
        }
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> send(ROWS).status() == 201);
    }

    @Test
    void aRepeatedRequestReturnsTheDatasetThatIsBeingChecked() throws Exception {
        String[] key = {"Prefer", "respond-async", "Idempotency-Key", "validating"};
        String id;
        try (Lock lock = noRows()) {
            id = send(ROWS, key).text("id");
            Answer again = send(ROWS, key);
            assertThat(again.status()).isEqualTo(202);
            assertThat(again.text("id")).isEqualTo(id);
        }
        Answer late = send(ROWS, "Idempotency-Key", "validating");
        assertThat(late.status()).isEqualTo(201);
        assertThat(late.text("id")).isEqualTo(id);
    }

    @Test
    void aRepeatedRequestMakesAnotherDatasetIfTheFirstWasRejected() {
        String[] key = {"Idempotency-Key", "rejected"};
        Answer rejected = send(ROWS.replace("fine", " "), key);
        Answer again = send(ROWS.replace("fine", " "), key);
        assertThat(again.status()).isEqualTo(422);
        assertThat(again.text("dataset")).isNotEmpty().isNotEqualTo(rejected.text("dataset"));

        String[] other = {"Idempotency-Key", "interrupted"};
        String lost = abandoned(1, 0, false, "1 hour", other);
        assertThat(awaitEnd(lost).get("status").asString()).isEqualTo("rejected");
        Answer whole = send(ROWS, other);
        assertThat(whole.status()).isEqualTo(201);
        assertThat(whole.text("id")).isNotEqualTo(lost);
    }

    @Test
    void aServerThatTellsOfADatasetOfAnotherServerKeepsItFromBeingRemoved() {
        String[] key = {"Idempotency-Key", "elsewhere"};
        String id = abandoned(1, 0, false, "-1 hour", key);
        Answer again = send(ROWS, key);

        assertThat(again.status()).isEqualTo(202);
        assertThat(again.text("id")).isEqualTo(id);
        assertThat(jdbc.sql("delete from datasets where id = ? and not acknowledged")
                        .param(id)
                        .update())
                .isZero();
        api.delete("/api/v1/datasets/" + id);
    }

    @Test
    void aRejectedDatasetWithoutProblemsIsAnAnswerAndNoFault() {
        String[] key = {"Idempotency-Key", "no problems"};
        String id = abandoned(1, 0, false, "-1 hour", key);
        jdbc.sql("update datasets set status = 'rejected' where id = ?")
                .param(id)
                .update();
        Answer answer = send(ROWS, key);

        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.code()).isEqualTo("dataset_rejected");
    }

    @Test
    void aDatasetNamesAnOlderOneOfTheSameBytes() {
        String rows = ROWS + "unlike any other,b\n";
        JsonNode first = send(rows).json();
        JsonNode second = send(rows).json();

        assertThat(first.get("same_as").isNull()).isTrue();
        assertThat(second.get("same_as")).isEqualTo(first.get("id"));
    }

    /** Leaves a dataset as a process does that was killed some time ago, while it read the file if {@code checking}. */
    private String abandoned(int attempt, int lostChecks, boolean checking, String ago, String... headers) {
        String id = send(ROWS, headers).text("id");
        for (String table : List.of("dataset_rows", "dataset_problems")) {
            jdbc.sql("delete from " + table + " where dataset_id = ?").param(id).update();
        }
        jdbc.sql("""
                        update datasets set status = 'validating', task = null, format = null, sha256 = null, row_count = 0,
                            attempt = :attempt, lost_checks = :lost, checking = :checking,
                            lease_until = now() - cast(:ago as interval), upload = :upload
                        where id = :id""")
                .param("id", id)
                .param("lost", lostChecks)
                .param("checking", checking)
                .param("attempt", attempt)
                .param("ago", ago)
                .param(
                        "upload",
                        Json.write(Map.of(
                                "fields",
                                Map.of("name", "again"),
                                "files",
                                List.of(Map.of("name", "r.csv", "size_bytes", ROWS.length())))))
                .update();
        return id;
    }

    @Test
    void aDatasetWhoseServerWasKilledIsCheckedAgainIfItsFileIsThere() throws Exception {
        String id = abandoned(
                50, 0, false, "-1 hour"); // the lease is still held; how often it was taken over does not matter
        Path file = data.directory("uploads/datasets/" + id).resolve("0");
        Files.writeString(file, ROWS);
        jdbc.sql("update datasets set lease_until = now() - interval '1 second' where id = ?")
                .param(id)
                .update();

        JsonNode ready = awaitEnd(id);
        assertThat(ready.get("status").asString()).isEqualTo("ready");
        assertThat(ready.get("row_count").asInt()).isEqualTo(4);
    }

    @ParameterizedTest
    @CsvSource({
        "0, false, 1 hour, validation_interrupted, The server stopped while it checked the file. Upload it again.",
        "4, true, 1 second, validation_failed, The check of the file was interrupted 5 times."
    })
    void aDatasetIsRejectedIfItsFileIsLostOrItsCheckEndsTheProcessEachTime(
            int lostChecks, boolean checking, String ago, String code, String message) {
        String id = abandoned(1, lostChecks, checking, ago);

        assertThat(awaitEnd(id).get("status").asString()).isEqualTo("rejected");
        JsonNode problem = api.get("/api/v1/datasets/" + id + "/problems?severity=error")
                .json()
                .get("data")
                .get(0);
        assertThat(problem.get("code").asString()).isEqualTo(code);
        assertThat(problem.get("message").asString()).startsWith(message);
    }

    /** Lets no process read or store rows. */
    private Lock unreadable() throws SQLException {
        return Lock.take(dataSource, "lock table dataset_rows in access exclusive mode");
    }

    private Answer version(String parent, String steps, String... headers) {
        return api.post("/api/v1/datasets/" + parent + "/versions", "{\"steps\":[" + steps + "]}", headers);
    }

    @Test
    void aVersionThatTakesLongIsMadeAfterTheAnswerAndItsDatasetStaysUntilThen() throws Exception {
        String parent = send(ROWS).text("id");
        String id;
        try (Lock lock = unreadable()) {
            Answer accepted = version(parent, "{\"type\":\"strip\"}", "Prefer", "wait=1");

            assertThat(accepted.status()).isEqualTo(202);
            id = accepted.text("id");
            assertThat(accepted.headers().firstValue("Location")).contains("/api/v1/datasets/" + id);
            assertThat(accepted.text("status")).isEqualTo("validating");
            assertThat(accepted.text("parent")).isEqualTo(parent);
            assertThat(accepted.json().get("progress").toString())
                    .isEqualTo("{\"phase\":\"checking\",\"read_bytes\":0,\"total_bytes\":null,\"row_count\":0}");
            assertThat(api.get("/api/v1/datasets/" + id + "/export").detail())
                    .startsWith("The server still makes the rows of the dataset '" + id + "'.");
            Answer busy = api.delete("/api/v1/datasets/" + parent);
            assertThat(busy.code()).isEqualTo("dataset_busy");
            assertThat(busy.detail()).contains(id);
        }

        JsonNode ready = awaitEnd(id);
        assertThat(ready.get("status").asString()).isEqualTo("ready");
        assertThat(ready.get("row_count").asInt()).isEqualTo(4);
        assertThat(ready.get("changes").get(0).get("step").get("type").asString())
                .isEqualTo("strip");
        assertThat(ready.get("same_as").isNull()).isTrue();
        assertThat(api.delete("/api/v1/datasets/" + parent).status()).isEqualTo(204);
    }

    @Test
    void aVersionThatCannotBeMadeIsRejectedIfTheClientDoesNotWaitAndRefusedOtherwise() throws Exception {
        String parent = send(ROWS).text("id");
        String drop = "{\"type\":\"drop_labels\",\"labels\":[\"b\"]}";
        String id;
        try (Lock lock = unreadable()) {
            id = version(parent, drop, ASYNC).text("id");
        }

        assertThat(awaitEnd(id).get("status").asString()).isEqualTo("rejected");
        JsonNode problem = api.get("/api/v1/datasets/" + id + "/problems")
                .json()
                .get("data")
                .get(0);
        assertThat(problem.get("code").asString()).isEqualTo("single_class");
        assertThat(api.get("/api/v1/datasets/" + id + "/export").detail()).contains("with other steps");
        assertThat(version(parent, drop).code()).isEqualTo("single_class");
        assertThat(api.get("/api/v1/datasets/" + parent + "/versions").json().get("data"))
                .hasSize(1);
    }

    @Test
    void aVersionThatIsDeletedIsNotMadeAnyMore() throws Exception {
        String parent = send(ROWS).text("id");
        String second;
        try (Lock lock = unreadable()) {
            version(parent, "{\"type\":\"strip\"}", ASYNC); // takes the only thread
            second = version(parent, "{\"type\":\"redact\"}", ASYNC).text("id");
        }

        assertThat(api.delete("/api/v1/datasets/" + second).status()).isEqualTo(204);
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> api.delete("/api/v1/datasets/" + parent).status() == 204);
        assertThat(api.get("/api/v1/datasets/" + second).status()).isEqualTo(404);
    }

    @Test
    void aVersionWhoseServerWasKilledIsMadeAgain() {
        String parent = send(ROWS).text("id");
        String id = version(parent, "{\"type\":\"strip\"}").text("id");
        abandonVersion(id, 0, parent, "{\"type\":\"strip\"}");

        JsonNode ready = awaitEnd(id);
        assertThat(ready.get("status").asString()).isEqualTo("ready");
        assertThat(ready.get("changes")).hasSize(1);
        assertThat(api.get("/api/v1/datasets/" + id + "/rows").json().get("data"))
                .hasSize(4);
    }

    /** Leaves a version as a process does that was killed while it made it. */
    private void abandonVersion(String id, int lostChecks, String parent, String steps) {
        for (String table : List.of("dataset_rows", "dataset_problems")) {
            jdbc.sql("delete from " + table + " where dataset_id = ?").param(id).update();
        }
        jdbc.sql("""
                        update datasets set status = 'validating', task = null, format = null, sha256 = null, row_count = 0,
                            changes = '[]', checking = true, lost_checks = :lost, lease_until = now() - interval '1 second',
                            upload = :upload
                        where id = :id""")
                .param("id", id)
                .param("lost", lostChecks)
                .param("upload", """
                        {"fields": {}, "files": [], "version": {"parent": "%s", "steps": [%s]}}""".formatted(parent, steps))
                .update();
    }

    private JsonNode firstProblem(String id) {
        assertThat(awaitEnd(id).get("status").asString()).isEqualTo("rejected");
        return api.get("/api/v1/datasets/" + id + "/problems?severity=error")
                .json()
                .get("data")
                .get(0);
    }

    @Test
    void aVersionWhoseAppendedDatasetWasDeletedSaysSo() {
        String parent = send(ROWS).text("id");
        String appended = send(ROWS).text("id");
        String append = "{\"type\":\"append\",\"dataset\":\"" + appended + "\"}";
        String id = version(parent, append).text("id");
        assertThat(api.delete("/api/v1/datasets/" + appended).status()).isEqualTo(204);
        abandonVersion(id, 0, parent, append);

        assertThat(firstProblem(id).get("code").asString()).isEqualTo("dataset_deleted");
    }

    @Test
    void aVersionThatEndedItsServerTooOftenIsToBeMadeAgainAndNotUploaded() {
        String parent = send(ROWS).text("id");
        String id = version(parent, "{\"type\":\"strip\"}").text("id");
        abandonVersion(id, 4, parent, "{\"type\":\"strip\"}");

        JsonNode problem = firstProblem(id);
        assertThat(problem.get("code").asString()).isEqualTo("validation_failed");
        assertThat(problem.get("message").asString())
                .contains("The version was interrupted 5 times")
                .endsWith("make the version again.");
    }

    @Test
    void aProcessThatLostItsLeaseStoresNothing() throws Exception {
        String id;
        try (Lock lock = noRows()) {
            id = send(ROWS, ASYNC).text("id");
            jdbc.sql("update datasets set attempt = attempt + 1, lease_until = now() + interval '1 hour' where id = ?")
                    .param(id)
                    .update(); // as another process does that takes it over
        }
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> send(ROWS).status() == 201); // the only thread has ended the other

        assertThat(api.get("/api/v1/datasets/" + id).text("status")).isEqualTo("validating");
        assertThat(jdbc.sql("select count(*) from dataset_rows where dataset_id = ?")
                        .param(id)
                        .query(Long.class)
                        .single())
                .isZero();
        assertThat(files()).anyMatch(file -> file.endsWith(id));
        api.delete("/api/v1/datasets/" + id);
    }
}
