package dev.anneal.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.Reviews;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A worker is stopped (SIGSTOP) for longer than its lease, and continued when another worker has its job. */
@Timeout(value = 15, unit = TimeUnit.MINUTES) // on a busy machine
@Tag("faults")
class StoppedWorkerTest {
    private static final Duration HEARTBEAT = Duration.ofSeconds(1);

    @Test
    @SuppressWarnings("unchecked")
    void itWritesAndUploadsNothingMoreAndItsTrainerEndsWithinAHeartbeat() throws Exception {
        try (Installation installation = new Installation()) {
            ServerNode api = installation.api();
            ServerNode first = installation.worker("first").awaitReady();
            String dataset = api.client()
                    .upload("reviews.csv", Reviews.csv(100), Map.of())
                    .text("id");
            String job = Submission.submit(api.client(), dataset, Map.of("epochs", 500), Map.of());
            ServerNode.Trainer stale = first.awaitTrainer(job);
            Submission.awaitStep(api.client(), job, 1, 4);
            ServerNode second = installation.worker("second").awaitReady();

            Signals.send("STOP", first.handle()); // its trainer keeps running and fills the pipe between them
            ServerNode.Trainer successor = second.awaitTrainer(job);
            assertThat(successor.attempt()).isEqualTo(2);
            Awaitility.await()
                    .atMost(Duration.ofMinutes(2))
                    .until(() -> JobHistory.of(api.client(), job).resumedFrom().size() == 2);
            assertThat(stale.process().isAlive()).isTrue();
            Signals.send("STOP", successor.process()); // so that only the stale worker has something to write
            List<Object>[] before = new List[] {written(installation, job), stored(installation, job)};
            Awaitility.await()
                    .during(Duration.ofSeconds(2))
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> {
                        List<Object> was = before[0];
                        before[0] = written(installation, job);
                        before[1] = stored(installation, job);
                        return was.equals(before[0]);
                    });

            Signals.send("CONT", first.handle());
            long woken = System.nanoTime();
            Signals.awaitEnd(stale.process(), 30);
            Duration gone = Duration.ofNanos(System.nanoTime() - woken);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> first.output().contains("attempt 1 ended: lost"));

            System.out.printf("the trainer of the continued worker ended after %d ms%n", gone.toMillis());
            assertThat(written(installation, job)).isEqualTo(before[0]);
            // No file was added. Only files of the unfinished upload, which no row names, were removed.
            List<Object> now = stored(installation, job);
            assertThat(before[1]).containsAll(now);
            for (String artifact : recorded(installation, job)) {
                assertThat(before[1].stream().filter(file -> file.toString().contains(artifact)))
                        .isNotEmpty()
                        .allMatch(now::contains);
            }
            assertThat(gone).isLessThan(HEARTBEAT.multipliedBy(2)); // one heartbeat, and one more for a busy machine
            Signals.send("CONT", successor.process());
            api.client().post("/api/v1/jobs/" + job + "/cancel");
        }
    }

    /** Returns everything that a worker may write about a job in the database, except its lease. */
    private static List<Object> written(Installation installation, String job) {
        JdbcClient sql = installation.sql();
        List<Object> written = new java.util.ArrayList<>();
        for (String table : List.of("job_events", "job_metrics", "job_checkpoints", "models")) {
            written.add(sql.sql("select to_jsonb(t)::text from " + table + " t where job_id = ? order by 1")
                    .param(job)
                    .query(String.class)
                    .list());
        }
        written.add(sql.sql("select (to_jsonb(j) - 'lease_until')::text from jobs j where id = ?")
                .param(job)
                .query(String.class)
                .single());
        return written;
    }

    private static List<String> recorded(Installation installation, String job) {
        return installation
                .sql()
                .sql("select artifact from job_checkpoints where job_id = ?")
                .param(job)
                .query(String.class)
                .list();
    }

    private static List<Object> stored(Installation installation, String job) throws IOException {
        List<Object> stored = new java.util.ArrayList<>();
        for (String kind : List.of("checkpoints", "models")) {
            Path root = installation.root.resolve("data/artifacts").resolve(kind);
            if (Files.exists(root)) {
                try (Stream<Path> files = Files.walk(root)) {
                    files.filter(file -> file.toString().contains(job.substring(4)))
                            .map(Path::toString)
                            .forEach(stored::add);
                }
            }
        }
        return stored;
    }
}
