package dev.anneal.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.artifact.StoreUnavailableException;
import dev.anneal.job.AttemptWriter;
import dev.anneal.job.queue.JobQueue;
import dev.anneal.testing.ServerTest;
import dev.anneal.testing.TestJobs;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;

/** Which failed calls to the artifact store an attempt repeats, when it stops, and what the job's events say. */
@ServerTest
@TestPropertySource(properties = "anneal.roles=api,inference")
@Timeout(60)
class StoreRetryTest {
    private static final Duration LONG = Duration.ofMinutes(10);

    @Autowired
    TestJobs jobs;

    @Autowired
    JobQueue queue;

    @Autowired
    AttemptWriter writer;

    @Autowired
    MeterRegistry meters;

    private final AtomicInteger calls = new AtomicInteger();
    private String id;
    private RunningAttempt run;

    @BeforeEach
    void claimAJob() {
        jobs.deleteAll();
        id = jobs.submit();
        run = new RunningAttempt(queue.claim("w1", null).orElseThrow(), Duration.ofMillis(1));
    }

    @Test
    void aCallIsRepeatedUntilTheStoreIsAvailable() throws IOException {
        assertThat(callThatSucceedsAt(5)).isEqualTo("stored");

        assertThat(calls).hasValue(5);
    }

    @Test
    void theRetriesEndAfterThePatience() {
        StoreUnavailableException unavailable = unavailable();

        assertThatThrownBy(() -> retry(Duration.ofMillis(300)).call(run, "store the model", run::isEnding, () -> {
                    calls.incrementAndGet();
                    throw unavailable;
                }))
                .isSameAs(unavailable);
        assertThat(calls).hasValueGreaterThan(1);
    }

    @Test
    void aStopOfTheAttemptEndsTheRetries() {
        assertThatThrownBy(() -> retry(LONG).call(run, "store the model", run::isEnding, () -> {
                    if (calls.incrementAndGet() == 3) {
                        run.requestStop();
                    }
                    throw unavailable();
                }))
                .isInstanceOf(StoreUnavailableException.class);
        assertThat(calls).hasValue(3);
    }

    @Test
    void aFailureThatIsNotTransientIsNotRetried() {
        for (Exception failure : List.of(
                new IOException("the model is invalid"),
                new StoreUnavailableException("cannot read", new NoSuchFileException("weights")),
                new IllegalArgumentException("a bug"))) {
            calls.set(0);

            assertThatThrownBy(() -> retry(LONG).call(run, "store the model", run::isEnding, () -> {
                        calls.incrementAndGet();
                        if (failure instanceof IOException io) {
                            throw io;
                        }
                        throw (RuntimeException) failure;
                    }))
                    .isSameAs(failure);
            assertThat(calls).hasValue(1);
        }
        assertThat(warnings()).isEmpty();
    }

    @Test
    void anEventOfTheJobReportsEachOutageOnce() throws IOException {
        String event =
                "The artifact store is unavailable: cannot store the model: disk full. Retrying for up to 10 minutes.";
        double before = meters.counter("anneal.store.waits").count();

        callThatSucceedsAt(5);
        assertThat(warnings()).containsExactly(event);

        calls.set(0);
        callThatSucceedsAt(5);
        assertThat(warnings()).containsExactly(event, event);
        assertThat(meters.counter("anneal.store.waits").count()).isGreaterThanOrEqualTo(before + 2);
    }

    private String callThatSucceedsAt(int call) throws IOException {
        return retry(LONG).call(run, "store the model", run::isEnding, () -> {
            if (calls.incrementAndGet() < call) {
                throw unavailable();
            }
            return "stored";
        });
    }

    private StoreRetry retry(Duration patience) {
        Duration second = Duration.ofSeconds(1);
        return new StoreRetry(writer, new WorkerSettings("auto", "auto", second, second, second, patience));
    }

    private static StoreUnavailableException unavailable() {
        return new StoreUnavailableException("cannot write", new IOException("disk full"));
    }

    private List<String> warnings() {
        return jobs.events(id)
                .valueStream()
                .map(event -> event.get("data"))
                .filter(data -> data.path("level").asString("").equals("warn"))
                .map(data -> data.get("message").asString())
                .toList();
    }
}
