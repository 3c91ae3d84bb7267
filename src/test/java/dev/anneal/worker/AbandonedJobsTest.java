package dev.anneal.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.mock;

import dev.anneal.job.queue.JobLease;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessResourceFailureException;

/** When jobs are taken back from workers that were silent, with a lease of ten seconds. */
class AbandonedJobsTest {
    private final JobLease lease = mock(JobLease.class);
    private long seconds;
    private int taken;
    private Runnable database = () -> {};
    private final AbandonedJobs jobs = new AbandonedJobs(
            lease, Duration.ofSeconds(10), () -> Duration.ofSeconds(seconds).toNanos());

    @BeforeEach
    void listen() {
        doAnswer(call -> {
                    database.run();
                    return null;
                })
                .when(lease)
                .ping();
        doAnswer(call -> {
                    database.run();
                    return taken++;
                })
                .when(lease)
                .takeBack();
    }

    @Test
    void everySecondWhileAllIsWell() {
        look(20);

        assertThat(taken).isEqualTo(20);
    }

    @Test
    void notBeforeALeaseAfterTheDatabaseIsBackHoweverLongItWasAway() {
        look(1);
        database = () -> {
            throw new DataAccessResourceFailureException("away");
        };
        look(30);
        database = () -> seconds += 7; // the call has waited for a connection, and there one was
        look(1);
        database = () -> {};
        look(9);
        assertThat(taken).isEqualTo(1);

        look(1);
        assertThat(taken).isEqualTo(2);
    }

    @Test
    void notBeforeALeaseAfterThisProcessWasStopped() {
        look(1);
        seconds += 60;
        look(10);
        assertThat(taken).isEqualTo(1);

        look(1);
        assertThat(taken).isEqualTo(2);
    }

    private void look(int times) {
        for (int i = 0; i < times; i++) {
            jobs.look();
            seconds++;
        }
    }
}
