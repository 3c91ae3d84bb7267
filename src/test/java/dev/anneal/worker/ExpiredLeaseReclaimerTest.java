package dev.anneal.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.mock;

import dev.anneal.job.queue.JobLease;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessResourceFailureException;

/** The times at which expired leases are reclaimed, with a lease of ten seconds. */
class ExpiredLeaseReclaimerTest {
    private final JobLease lease = mock(JobLease.class);
    private long seconds;
    private int reclaims;
    private Runnable database = () -> {};
    private final ExpiredLeaseReclaimer jobs = new ExpiredLeaseReclaimer(
            lease,
            Duration.ofSeconds(10),
            Duration.ofSeconds(1),
            () -> Duration.ofSeconds(seconds).toNanos());

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
                    return reclaims++;
                })
                .when(lease)
                .reclaimExpired();
    }

    @Test
    void leasesAreReclaimedEverySecond() {
        reclaim(20);

        assertThat(reclaims).isEqualTo(20);
    }

    @Test
    void leasesAreNotReclaimedUntilALeaseAfterAnOutageOfTheDatabase() {
        reclaim(1);
        database = () -> {
            throw new DataAccessResourceFailureException("unavailable");
        };
        reclaim(30);
        database = () -> seconds += 7; // the call waited for a connection and got one
        reclaim(1);
        database = () -> {};
        reclaim(9);
        assertThat(reclaims).isEqualTo(1);

        reclaim(1);
        assertThat(reclaims).isEqualTo(2);
    }

    @Test
    void leasesAreNotReclaimedUntilALeaseAfterThisProcessWasStopped() {
        reclaim(1);
        seconds += 60;
        reclaim(10);
        assertThat(reclaims).isEqualTo(1);

        reclaim(1);
        assertThat(reclaims).isEqualTo(2);
    }

    private void reclaim(int times) {
        for (int i = 0; i < times; i++) {
            jobs.reclaim();
            seconds++;
        }
    }
}
