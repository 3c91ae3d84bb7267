package dev.anneal.worker;

import dev.anneal.job.queue.JobLease;
import dev.anneal.role.ForRole;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
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
    private final LongSupplier nanoTime;
    private final long leaseNanos;
    private Long answered; // when the database last did; null before the first time
    private Long quietSince;

    @Autowired
    AbandonedJobs(JobLease lease, @Value("${anneal.worker.lease:15s}") Duration leaseTime) {
        this(lease, leaseTime, System::nanoTime);
    }

    AbandonedJobs(JobLease lease, Duration leaseTime, LongSupplier nanoTime) {
        this.lease = lease;
        this.nanoTime = nanoTime;
        this.leaseNanos = leaseTime.toNanos();
    }

    /**
     * After the database was away, or this process was stopped, every lease may have run out while its worker was well: each
     * gets the time of one, from the first answer on, to be renewed, and the runs go on.
     */
    @Scheduled(fixedDelayString = "${anneal.worker.poll:1s}")
    void look() {
        try {
            lease.ping(); // may itself have waited for the database
            long now = nanoTime.getAsLong();
            if (answered != null && now - answered > leaseNanos / 2) {
                quietSince = now;
            }
            answered = now;
            if (quietSince == null || now - quietSince >= leaseNanos) {
                quietSince = null;
                lease.takeBack();
            }
        } catch (DataAccessException | TransactionException databaseAway) {
            log.warn("cannot look for abandoned jobs: {}", databaseAway.getMessage());
        }
    }
}
