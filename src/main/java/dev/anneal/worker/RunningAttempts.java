package dev.anneal.worker;

import dev.anneal.job.queue.Attempt;
import dev.anneal.job.queue.JobLease;
import dev.anneal.log.LoggingScheduler;
import io.micrometer.core.instrument.Metrics;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** The running attempts of this process: renews their leases, and stops those that must stop. */
@Component
class RunningAttempts {
    private static final Logger log = LoggerFactory.getLogger(RunningAttempts.class);

    private final JobLease lease;
    private final Duration heartbeat;
    private final Duration stopTimeout;
    private final Duration patience;
    private final ScheduledExecutorService heart = new LoggingScheduler(2, "heartbeat");
    /** Threads that stop and kill trainers. A cluster may take long to answer, which must not delay the renewal of leases. */
    private final ExecutorService stopping = Executors.newCachedThreadPool(daemons("stop-trainer"));

    private final Map<RunningAttempt, ScheduledFuture<?>> beats = new ConcurrentHashMap<>();
    private volatile boolean shuttingDown;

    RunningAttempts(JobLease lease, WorkerSettings settings) {
        this.lease = lease;
        this.heartbeat = settings.heartbeat();
        this.stopTimeout = settings.stopTimeout();
        this.patience = settings.patience();
    }

    private static ThreadFactory daemons(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }

    RunningAttempt begin(Attempt attempt) {
        RunningAttempt run = new RunningAttempt(attempt, heartbeat);
        long period = heartbeat.toMillis();
        beats.put(run, heart.scheduleWithFixedDelay(() -> beat(run), period, period, TimeUnit.MILLISECONDS));
        if (shuttingDown) {
            run.requestStopForShutdown();
        }
        return run;
    }

    void end(RunningAttempt run) {
        Optional.ofNullable(beats.remove(run)).ifPresent(beat -> beat.cancel(false));
        run.kill();
    }

    /**
     * Renews the lease, and kills the trainer of a job that was cancelled or reclaimed. An outage of the database stops
     * nothing: no other worker can claim the job meanwhile, and every statement checks that the attempt still holds it. Only
     * after {@code patience} without the database does the worker kill its trainer.
     */
    private void beat(RunningAttempt run) {
        long began = System.nanoTime();
        try {
            switch (lease.renew(run.attempt)) {
                case LOST -> {
                    count("lost");
                    stopping.execute(run::markLost);
                }
                case PAUSE_REQUESTED -> {
                    count("renewed");
                    run.renewed(began);
                    stopping.execute(() -> stop(run, run.requestStop()));
                }
                case HELD -> {
                    count("renewed");
                    run.renewed(began);
                }
            }
        } catch (RuntimeException databaseUnavailable) {
            count("failed");
            log.warn("cannot renew the lease of {}: {}", run.attempt.jobId(), databaseUnavailable.getMessage());
            if (run.notRenewedFor(patience)) {
                stopping.execute(run::markLost);
            }
        }
    }

    private static void count(String outcome) {
        Metrics.counter("anneal.leases", "outcome", outcome).increment();
    }

    /** Kills a trainer that does not stop within the stop timeout. The job then resumes from its last checkpoint. */
    private void stop(RunningAttempt run, boolean firstRequest) {
        if (firstRequest) {
            heart.schedule(() -> stopping.execute(run::kill), stopTimeout.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /** Stops every attempt, including those that start later, and releases their jobs. */
    void stopAll() {
        shuttingDown = true;
        beats.keySet().forEach(run -> stopping.execute(() -> stop(run, run.requestStopForShutdown())));
    }

    /** Returns how long a trainer may take to stop. */
    Duration stopTimeout() {
        return stopTimeout;
    }

    void start() {
        shuttingDown = false;
    }
}
