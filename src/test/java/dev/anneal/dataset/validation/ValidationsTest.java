package dev.anneal.dataset.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import dev.anneal.json.Json;
import dev.anneal.local.DataDirectory;
import dev.anneal.testing.Api;
import dev.anneal.testing.ServerTest;
import dev.anneal.web.Problem;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** Processes that check files, and what happens to them meanwhile. The server under test looks for no datasets after its start. */
@ServerTest
@Timeout(300)
@TestPropertySource(
        properties = {
            "anneal.roles=api",
            "anneal.validation.heartbeat=50ms",
            "anneal.validation.lease=1s",
            "anneal.validation.poll=1h"
        })
class ValidationsTest {
    private static final String ROWS = "text,label\ngood,a\nfine,a\nbad,b\nawful,b\n";

    @Autowired
    Api api;

    @Autowired
    JdbcClient jdbc;

    @Autowired
    DataDirectory data;

    @Autowired
    DataSource dataSource;

    @Autowired
    ValidationQueue queue;

    @Autowired
    ReceivedFiles files;

    @Autowired
    Validations.Work work;

    @Autowired
    ValidationSettings settings;

    /** Something that happens to a process after it has begun a check. */
    private interface Event {
        void on(Validation validation) throws Exception;
    }

    /** The work of the server after an event. */
    private record Disturbed(Validations.Work work, Event event) implements Validations.Work {
        @Override
        public void fetch(Validation validation) throws Exception {
            work.fetch(validation);
        }

        @Override
        public void validate(Validation validation) throws Exception {
            event.on(validation);
            work.validate(validation);
        }

        @Override
        public boolean reject(Validation validation, Problem reason) {
            return work.reject(validation, reason);
        }

        @Override
        public boolean takeBack(Validation validation) {
            return work.takeBack(validation);
        }

        @Override
        public void clean(Validation validation) {
            work.clean(validation);
        }
    }

    /** Another process, which ends as after SIGTERM. */
    private record Process(Validations validations) implements AutoCloseable {
        @Override
        public void close() {
            validations.stop();
        }
    }

    private Process process(int places, Event event) {
        ValidationSettings own = new ValidationSettings(
                settings.maxWait(),
                settings.parallel(),
                places,
                settings.maxPerProject(),
                settings.maxSources(),
                settings.heartbeat(),
                settings.lease(),
                Duration.ofMillis(50),
                settings.giveUpAfter());
        Validations validations =
                new Validations(queue, files, new Disturbed(work, event), own, new SimpleMeterRegistry());
        validations.start();
        return new Process(validations);
    }

    private Process process(Event event) {
        return process(settings.maxDatasets(), event);
    }

    @AfterEach
    void leaveNothing() {
        jdbc.sql("delete from datasets").update();
    }

    private static Received received() {
        return new Received(Map.of("name", "again"), List.of(new Received.File("r.csv", null, ROWS.length())));
    }

    /** Leaves a dataset as a process does that was killed before it read the files. Its lease passes after so many seconds. */
    private String left(int seconds) throws IOException {
        String id = api.upload("r.csv", ROWS.getBytes(StandardCharsets.UTF_8), Map.of())
                .text("id");
        for (String table : List.of("dataset_rows", "dataset_problems")) {
            jdbc.sql("delete from " + table + " where dataset_id = ?").param(id).update();
        }
        jdbc.sql("""
                        update datasets set status = 'validating', task = null, format = null, sha256 = null, row_count = 0,
                            attempt = 1, checking = false, upload = :upload
                        where id = :id""").param("id", id).param("upload", Json.write(received())).update();
        Files.writeString(file(id), ROWS);
        leaseUntil(id, seconds);
        return id;
    }

    private Path file(String id) {
        return data.directory("uploads/datasets/" + id).resolve("0");
    }

    private void leaseUntil(String id, int seconds) {
        jdbc.sql("update datasets set lease_until = now() + make_interval(secs => ?) where id = ?")
                .params(seconds, id)
                .update();
    }

    private double lease(String id) {
        return jdbc.sql("select extract(epoch from lease_until) from datasets where id = ?")
                .param(id)
                .query(Double.class)
                .single();
    }

    private int lostChecks(String id) {
        return jdbc.sql("select lost_checks from datasets where id = ?")
                .param(id)
                .query(Integer.class)
                .single();
    }

    /** Takes a dataset over as another process does that has not heard of this one for long. */
    private void takenOver(Validation validation) {
        leaseUntil(validation.dataset(), -1);
        assertThat(queue.claim(new ValidationQueue.Abandoned(
                        validation.dataset(), "default", validation.attempt(), 0, validation.received(), false)))
                .isTrue();
        leaseUntil(validation.dataset(), 600);
    }

    private static void awaitStop(Validation validation) {
        while (true) {
            validation.check();
            LockSupport.parkNanos(1_000_000);
        }
    }

    private JsonNode get(String id) {
        return api.get("/api/v1/datasets/" + id).json();
    }

    private String awaitEnd(String id) {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> get(id).get("status").asString(), status -> !status.equals("validating"));
    }

    private Void validate(Validation validation) {
        try {
            work.validate(validation);
            return null;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void noConnectionIsHeldWhileAFileIsRead() throws Exception {
        int rows = 200_000;
        String id = left(600);
        StringBuilder csv = new StringBuilder("text,label\n");
        for (int i = 0; i < rows; i++) {
            csv.append("text ").append(i).append(i % 2 == 0 ? ",a\n" : ",b\n");
        }
        Files.writeString(file(id), csv);
        Received large = new Received(
                Map.of("checks", "{\"near_duplicates\":false}"),
                List.of(new Received.File("r.csv", null, csv.length())));
        Validation validation = new Validation(id, 1, large, List.of(file(id)), true);
        HikariPoolMXBean pool = dataSource.unwrap(HikariDataSource.class).getHikariPoolMXBean();

        CompletableFuture<Void> check = CompletableFuture.supplyAsync(() -> validate(validation));
        boolean free = false;
        while (!check.isDone() && !free) {
            long read = validation.progress().rowCount();
            free = read > 0
                    && pool.getActiveConnections() == 0
                    && validation.progress().rowCount() < rows;
        }

        assertThat(free).isTrue();
        check.get(60, TimeUnit.SECONDS);
        assertThat(get(id).get("status").asString()).isEqualTo("ready");
    }

    private static Problem refused() {
        return Problem.unprocessable("conflicting_split", "The file cannot be used.");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anAttemptThatLostItsLeaseKeepsTheFilesOfItsSuccessor(boolean acknowledged) throws Exception {
        String id = left(600);
        Validation first = new Validation(id, 1, received(), List.of(file(id)), acknowledged);
        try (Process process = process(validation -> {
            takenOver(validation);
            throw refused();
        })) {
            process.validations().submit(first, process.validations().take("default"));
            assertThat(first.await(Duration.ofSeconds(60))).isTrue();
        }

        assertThat(file(id)).hasContent(ROWS);
        assertThat(get(id).get("status").asString()).isEqualTo("validating");
        assertThat(lostChecks(id)).isZero(); // the first one was only paused
    }

    @Test
    void aCheckThatDoesNotEndBeforeTheServerDoesNotCountAgainstAFile() throws Exception {
        String id = left(-1);
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch stored = new CountDownLatch(1);
        try (Process process = process(validation -> {
            begun.countDown();
            while (stored.getCount() > 0) { // as Postgres, which does not hear of the end
                LockSupport.parkNanos(1_000_000);
            }
        })) {
            assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
        }

        assertThat(queue.abandoned(""))
                .extracting(ValidationQueue.Abandoned::lostChecks)
                .containsExactly(0);
        stored.countDown();
    }

    @Test
    void aCheckThatTheServerFailsIsRepeatedAfterATimeThatGrows() throws Exception {
        String id = left(600);
        jdbc.sql("update datasets set attempt = 12").update();

        assertThat(queue.endCheck(new Validation(id, 12, received(), List.of(file(id)), true)))
                .isTrue();

        double now =
                jdbc.sql("select extract(epoch from now())").query(Double.class).single();
        assertThat(lease(id) - now).isGreaterThan(60 * settings.lease().toSeconds());
    }

    @Test
    void restartsDoNotCountAgainstAFile() throws Exception {
        String id = left(-1);
        for (int i = 0; i < 7; i++) {
            CountDownLatch begun = new CountDownLatch(1);
            try (Process process = process(validation -> {
                begun.countDown();
                awaitStop(validation);
            })) {
                assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
            }
        }
        try (Process process = process(validation -> {})) {
            assertThat(awaitEnd(id)).isEqualTo("ready");
        }
    }

    @Test
    void faultsOfTheDatabaseDoNotCountAgainstAFile() throws Exception {
        String id = left(-1);
        AtomicInteger faults = new AtomicInteger();
        try (Process process = process(validation -> {
            if (faults.incrementAndGet() <= 6) {
                throw new DataAccessResourceFailureException("unavailable");
            }
        })) {
            assertThat(awaitEnd(id)).isEqualTo("ready");
        }
        assertThat(faults).hasValue(7);
    }

    @Test
    void aFileWhoseCheckFailsEachTimeIsRejected() throws Exception {
        String id = left(-1);
        AtomicInteger faults = new AtomicInteger();
        try (Process process = process(validation -> {
            faults.incrementAndGet();
            throw new IllegalStateException("a bug");
        })) {
            assertThat(awaitEnd(id)).isEqualTo("rejected");
        }
        assertThat(faults).hasValue(5);
        assertThat(get(id).get("problem_codes").toString()).contains("validation_failed");
    }

    @Test
    void aProcessThatWasOnlyPausedDoesNotCountAsLost() throws Exception {
        String id = left(600);
        Validation paused = new Validation(id, 1, received(), List.of(file(id)), true);
        AtomicInteger counted = new AtomicInteger();
        try (Process process = process(validation -> {
            takenOver(validation);
            counted.set(lostChecks(id));
            awaitStop(validation);
        })) {
            process.validations().submit(paused, process.validations().take("default"));
            paused.await(Duration.ofSeconds(60));
        }

        assertThat(counted).hasValue(1);
        assertThat(lostChecks(id)).isZero();
    }

    @Test
    void filesThatMayHaveEndedAProcessAreCheckedOneAtATime() throws Exception {
        List<String> both = List.of(left(-1), left(-1));
        jdbc.sql("update datasets set lost_checks = 1").update();
        Set<String> begun = ConcurrentHashMap.newKeySet();
        CountDownLatch end = new CountDownLatch(1);
        try (Process process = process(validation -> {
            begun.add(validation.dataset());
            end.await();
        })) {
            Awaitility.await().until(() -> !begun.isEmpty());
            String other =
                    both.stream().filter(id -> !begun.contains(id)).findFirst().orElseThrow();
            double before = lease(other);
            Awaitility.await().until(() -> lease(other) > before); // the process has seen it again
            assertThat(begun).hasSize(1);

            end.countDown();
            for (String id : both) {
                assertThat(awaitEnd(id)).isEqualTo("ready");
            }
        }
    }

    @Test
    void theLeaseIsRenewedWhileFilesAreKept() throws Exception {
        String id = left(600);
        Validation validation = new Validation(id, 1, received(), List.of(), true);
        try (Process process = process(begun -> {});
                Validations.Place place = process.validations().take("default")) {
            double before = lease(id);
            process.validations().receive(validation, List.of(path -> {
                Awaitility.await().until(() -> lease(id) != before);
                Files.writeString(path, ROWS);
            }));
            process.validations().submit(validation, place);
            assertThat(awaitEnd(id)).isEqualTo("ready");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aDatasetWhoseFilesCannotBeKeptIsRemovedOrRejectedIfAClientKnowsOfIt(boolean known) throws Exception {
        String id = left(600);
        if (known) {
            assertThat(queue.acknowledge(id)).isTrue();
        }
        Validation validation = new Validation(id, 1, received(), List.of(), false);
        try (Process process = process(begun -> {})) {
            assertThatThrownBy(() -> process.validations().receive(validation, List.of(path -> {
                        throw new UncheckedIOException(new IOException("the disk is broken"));
                    })))
                    .isInstanceOf(UncheckedIOException.class);
            assertThat(process.validations().find(id)).isEmpty();
        }

        assertThat(api.get("/api/v1/datasets/" + id).status()).isEqualTo(known ? 200 : 404);
        assertThat(file(id)).doesNotExist();
        if (known) {
            assertThat(get(id).get("problem_codes").toString()).contains("validation_interrupted");
        }
    }

    @Test
    void aRefusedFileRemovesItsDatasetUnlessAClientOfAnotherServerKnowsOfIt() throws Exception {
        for (boolean known : new boolean[] {true, false}) {
            String id = left(600);
            Validation validation = new Validation(id, 1, received(), List.of(file(id)), false);
            try (Process process = process(begun -> {
                if (known) {
                    assertThat(queue.acknowledge(id)).isTrue();
                }
                throw refused();
            })) {
                process.validations().submit(validation, process.validations().take("default"));
                if (known) {
                    assertThat(validation.await(Duration.ofSeconds(60))).isTrue();
                    assertThat(get(id).get("status").asString()).isEqualTo("rejected");
                } else {
                    assertThatThrownBy(() -> validation.await(Duration.ofSeconds(60)))
                            .isInstanceOf(Problem.class)
                            .hasMessage("The file cannot be used.");
                    assertThat(api.get("/api/v1/datasets/" + id).status()).isEqualTo(404);
                }
            }
        }
    }

    @Test
    void manyDatasetsOfOtherServersDoNotHideOneWhoseFilesAreHere() throws Exception {
        String id = left(-1);
        jdbc.sql("""
                        insert into datasets select other.* from datasets d, generate_series(1, 250) n,
                            jsonb_populate_record(d, jsonb_build_object('id', 'ds_0' || n)) other
                        where d.id = ?""").param(id).update();
        try (Process process = process(validation -> {})) {
            assertThat(awaitEnd(id)).isEqualTo("ready");
        }
    }

    @Test
    void aDatasetThatIsTakenOverNeedsAPlaceLikeOthers() throws Exception {
        String id = left(600);
        Set<String> begun = ConcurrentHashMap.newKeySet();
        try (Process process = process(1, validation -> begun.add(validation.dataset()))) {
            try (Validations.Place place = process.validations().take("default")) {
                leaseUntil(id, -1);
                double before = lease(id);
                Awaitility.await().until(() -> lease(id) > before); // the process has seen it
                assertThat(begun).isEmpty();
            }
            assertThat(awaitEnd(id)).isEqualTo("ready");
        }
    }
}
