package dev.anneal.dataset;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.dataset.check.SearchTime;
import dev.anneal.dataset.file.DatasetParser;
import dev.anneal.dataset.file.ParserLimits;
import dev.anneal.dataset.file.UploadRequest;
import dev.anneal.dataset.file.UploadedFile;
import dev.anneal.dataset.unpack.UnpackLimit;
import dev.anneal.dataset.validation.Received;
import dev.anneal.dataset.validation.Validation;
import dev.anneal.testing.ServerTest;
import dev.anneal.web.Problem;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;

/** The rows of a dataset that is not ready: when they are stored, and what becomes of them. */
@ServerTest
@TestPropertySource(properties = "anneal.roles=api,inference")
class StoredRowsTest {
    private static final String ROWS = """
            text,label
            A very long and boring film with too many cars,a
            A very long and boring film with too many cars!,a
            A fine film with few cars,b
            A fine film with few cars and horses,b
            """;

    @TempDir
    Path directory;

    @Autowired
    DatasetUpload uploads;

    @Autowired
    DatasetIntake intake;

    @Autowired
    DatasetResult result;

    @Autowired
    JdbcClient jdbc;

    private Validation validation(int attempt) {
        Received received = new Received(Map.of(), List.of());
        String id = uploads.register("default", "films-" + attempt, false, received, made -> {});
        return new Validation(id, attempt, received, List.of(), true);
    }

    private void store(Validation validation, Runnable inSearch, DatasetResult.Also also) throws Exception {
        UploadedFile file = new UploadedFile("x.csv", null, () -> new ByteArrayInputStream(ROWS.getBytes(UTF_8)));
        ParserLimits limits = new ParserLimits(1_000, new UnpackLimit(1 << 20, 100), directory);
        intake.read(
                sink -> DatasetParser.parse(List.of(file), UploadRequest.of("x.csv", Map.of()), limits, sink),
                null,
                UploadChecks.DEFAULT,
                read -> result.store(
                        validation, read, new SearchTime(Duration.ofMinutes(1), "a test", inSearch), also));
    }

    private long rows(Validation validation) {
        return jdbc.sql("select count(*) from dataset_rows where dataset_id = ?")
                .param(validation.dataset())
                .query(Long.class)
                .single();
    }

    @Test
    void rowsAreCommittedWhileTheSearchForNearDuplicatesRuns() throws Exception {
        Validation validation = validation(1);
        AtomicLong seen = new AtomicLong();

        store(
                validation,
                () -> seen.set(Awaitility.await()
                        .atMost(Duration.ofSeconds(10))
                        .until(() -> rows(validation), count -> count > 0)),
                taken -> List.of());

        assertThat(seen).hasValue(4);
        assertThat(rows(validation)).isEqualTo(4);
    }

    @Test
    void rowsOfADatasetThatIsRejectedAtTheEndAreRemoved() {
        Validation validation = validation(1);
        Problem full = Problem.unprocessable("storage_full", "The project is full.");

        assertThatThrownBy(() -> store(validation, () -> {}, taken -> {
                    assertThat(rows(validation)).isEqualTo(4);
                    throw full;
                }))
                .isSameAs(full);
        assertThat(uploads.reject(validation, full)).isTrue();

        assertThat(rows(validation)).isZero();
    }

    @Test
    void rowsThatAnAttemptLeftAreReplacedAndALostAttemptStoresNone() throws Exception {
        Validation first = validation(1);
        Validation lost = new Validation(first.dataset(), 2, first.received(), List.of(), true);

        assertThatThrownBy(() -> store(first, () -> {}, taken -> {
                    throw new Validation.Stopped();
                }))
                .isInstanceOf(Validation.Stopped.class);
        jdbc.sql("update dataset_rows set line = 99 where dataset_id = ?")
                .param(first.dataset())
                .update();
        assertThatThrownBy(() -> store(lost, () -> {}, taken -> List.of())).isInstanceOf(Validation.Stopped.class);
        assertThat(jdbc.sql("select distinct line from dataset_rows where dataset_id = ?")
                        .param(first.dataset())
                        .query(Integer.class)
                        .list())
                .containsExactly(99);
        store(first, () -> {}, taken -> List.of());

        assertThat(rows(first)).isEqualTo(4);
        assertThat(jdbc.sql("select count(*) from dataset_rows where dataset_id = ? and line = 99")
                        .param(first.dataset())
                        .query(Long.class)
                        .single())
                .isZero();
    }
}
