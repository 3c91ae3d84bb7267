package dev.anneal.worker;

import dev.anneal.job.JobLease;
import dev.anneal.local.ForRole;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/** Looks, as long as this worker lives, for jobs whose workers do not. */
@Component
@ForRole("worker")
class AbandonedJobs {
    private static final Logger log = LoggerFactory.getLogger(AbandonedJobs.class);

    private final JobLease lease;
    private final long leaseNanos;
    private Long lastLook; // null before the first
    private long quietSince;
    private boolean quiet;

    AbandonedJobs(JobLease lease, @Value("${anneal.worker.lease:15s}") Duration leaseTime) {
        this.lease = lease;
        this.leaseNanos = leaseTime.toNanos();
    }

    /**
     * After the database was away, or this process was stopped, every lease may have run out while its worker was well: each
     * gets the time of one to be renewed, and the runs go on.
     */
    @Scheduled(fixedDelayString = "${anneal.worker.poll:1s}")
    void look() {
        long now = System.nanoTime();
        if (lastLook != null && now - lastLook > leaseNanos) {
            beQuiet();
        }
        lastLook = now;
        if (quiet && now - quietSince < leaseNanos) {
            return;
        }
        try {
            lease.takeBack();
            quiet = false;
        } catch (DataAccessException | TransactionException databaseAway) {
            log.warn("cannot look for abandoned jobs: {}", databaseAway.getMessage());
            beQuiet();
        }
        lastLook = System.nanoTime();
    }

    private void beQuiet() {
        quiet = true;
        quietSince = System.nanoTime();
    }
}
