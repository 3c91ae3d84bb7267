package dev.anneal.worker;

import dev.anneal.job.queue.Attempt;
import dev.anneal.job.queue.JobLease;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** The attempts of this process that are under way: keeps their leases, and ends them where they are to end. */
@Component
class RunningAttempts {
    private static final Logger log = LoggerFactory.getLogger(RunningAttempts.class);

    private final JobLease lease;
    private final Duration heartbeat;
    private final Duration stopTimeout;
    private final Duration patience;
    private final ScheduledExecutorService heart = Executors.newScheduledThreadPool(2, daemons("heartbeat"));
    /** What is asked of trainers, one thread each: a cluster may take its time, and every lease is to be renewed meanwhile. */
    private final ExecutorService orders = Executors.newCachedThreadPool(daemons("orders"));

    private final Map<RunningAttempt, ScheduledFuture<?>> beats = new ConcurrentHashMap<>();
    private volatile boolean stopping;

    RunningAttempts(
            JobLease lease,
            @Value("${anneal.worker.heartbeat:1s}") Duration heartbeat,
            @Value("${anneal.worker.stop-timeout:16s}") Duration stopTimeout,
            @Value("${anneal.worker.patience:10m}") Duration patience) {
        this.lease = lease;
        this.heartbeat = heartbeat;
        this.stopTimeout = stopTimeout;
        this.patience = patience;
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
        if (stopping) {
            run.askForWorker();
        }
        return run;
    }

    void end(RunningAttempt run) {
        beats.remove(run).cancel(false);
        run.kill();
    }

    /**
     * Keeps the lease; a job that was cancelled or taken over ends its trainer here. An outage of the database ends nothing:
     * nobody can take the job meanwhile, and whether it is still ours every statement asks. Only a worker that has been cut
     * off for long lets its trainer burn no longer.
     */
    private void beat(RunningAttempt run) {
        long began = System.nanoTime();
        try {
            switch (lease.renew(run.attempt)) {
                case GONE -> orders.execute(run::lose);
                case TO_PAUSE -> {
                    run.renewed(began);
                    orders.execute(() -> stop(run, run.ask()));
                }
                case HELD -> run.renewed(began);
            }
        } catch (RuntimeException databaseAway) {
            log.warn("no heartbeat for {}: {}", run.attempt.jobId(), databaseAway.getMessage());
            if (run.unheardFor(patience)) {
                orders.execute(run::lose);
            }
        }
    }

    /** A trainer that was asked to stop and does not is killed in time: its last checkpoint serves. */
    private void stop(RunningAttempt run, boolean justAsked) {
        if (justAsked) {
            heart.schedule(() -> orders.execute(run::kill), stopTimeout.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /** From here on every attempt, also one that is just beginning, gives its job back. */
    void stopAll() {
        stopping = true;
        beats.keySet().forEach(run -> orders.execute(() -> stop(run, run.askForWorker())));
    }

    /** How long a trainer may take to stop. */
    Duration stopTimeout() {
        return stopTimeout;
    }

    void start() {
        stopping = false;
    }
}
