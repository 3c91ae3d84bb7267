package dev.anneal.worker;

import dev.anneal.job.queue.JobLease;
import dev.anneal.job.queue.LeaseSettings;
import dev.anneal.role.ForRole;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.SchedulingConfigurer;
import org.springframework.scheduling.config.ScheduledTaskRegistrar;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/** Reclaims, on a schedule, jobs whose leases have expired because their workers were lost. */
@Component
@ForRole("worker")
class ExpiredLeaseReclaimer implements SchedulingConfigurer {
    private static final Logger log = LoggerFactory.getLogger(ExpiredLeaseReclaimer.class);

    private final JobLease lease;
    private final Duration poll;
    private final LongSupplier nanoTime;
    private final long leaseNanos;
    private @Nullable Long lastAnswer; // when the database last answered; null before its first answer
    private @Nullable Long
            outageEnded; // when the database answered again; null if there was no outage or it is long over

    @Autowired
    ExpiredLeaseReclaimer(JobLease lease, LeaseSettings leases, WorkerSettings settings) {
        this(lease, leases.lease(), settings.poll(), System::nanoTime);
    }

    ExpiredLeaseReclaimer(JobLease lease, Duration leaseTime, Duration poll, LongSupplier nanoTime) {
        this.lease = lease;
        this.poll = poll;
        this.nanoTime = nanoTime;
        this.leaseNanos = leaseTime.toNanos();
    }

    @Override
    public void configureTasks(ScheduledTaskRegistrar tasks) {
        tasks.addFixedDelayTask(this::reclaim, poll);
    }

    /**
     * Reclaims jobs with expired leases. After an outage of the database, or a stop of this process, leases may have expired
     * although their workers are healthy. So the first reclaim waits for the time of one lease, in which workers renew theirs.
     */
    void reclaim() {
        try {
            lease.ping(); // may itself wait for the database
            long now = nanoTime.getAsLong();
            if (lastAnswer != null && now - lastAnswer > leaseNanos / 2) {
                outageEnded = now;
            }
            lastAnswer = now;
            if (outageEnded == null || now - outageEnded >= leaseNanos) {
                outageEnded = null;
                lease.reclaimExpired();
            }
        } catch (DataAccessException | TransactionException databaseUnavailable) {
            log.warn("cannot look for expired leases: {}", databaseUnavailable.getMessage());
        }
    }
}
