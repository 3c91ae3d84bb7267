package dev.anneal.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.job.queue.Attempt;
import dev.anneal.job.queue.AttemptLostException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.DuplicateKeyException;

/** Which failed writes an attempt repeats, and when it stops. */
class RetryTest {
    private final RunningAttempt run = new RunningAttempt(new Attempt("job_1", 1, "w1"), Duration.ofMillis(1));
    private final AtomicInteger writes = new AtomicInteger();

    @Test
    void aWriteIsRepeatedUntilTheDatabaseIsBack() {
        run.retryUntilCommitted(() -> {
            if (writes.incrementAndGet() < 5) {
                throw new DataAccessResourceFailureException("connection refused");
            }
        });

        assertThat(writes).hasValue(5);
    }

    @Test
    void aLostAttemptIsNotRepeated() {
        AttemptLostException lost = new AttemptLostException(run.attempt);

        assertThatThrownBy(() -> run.retryUntilCommitted(() -> {
                    writes.incrementAndGet();
                    throw lost;
                }))
                .isSameAs(lost);
        assertThat(writes).hasValue(1);
    }

    @Test
    void aWriteThatTheDatabaseRefusesIsNotRepeated() {
        assertThatThrownBy(() -> run.retryUntilCommitted(() -> {
                    writes.incrementAndGet();
                    throw new DuplicateKeyException("exists");
                }))
                .isInstanceOf(DuplicateKeyException.class);
        assertThat(writes).hasValue(1);
    }

    @Test
    void anAttemptThatIsLostDuringAnOutageStopsRetrying() {
        assertThatThrownBy(() -> run.retryUntilCommitted(() -> {
                    if (writes.incrementAndGet() == 3) {
                        run.markLost();
                    }
                    throw new DataAccessResourceFailureException("connection refused");
                }))
                .isInstanceOf(DataAccessResourceFailureException.class);
        assertThat(writes).hasValue(3);
    }
}
