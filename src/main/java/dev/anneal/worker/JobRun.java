package dev.anneal.worker;

import dev.anneal.job.Attempt;
import dev.anneal.job.AttemptLost;
import dev.anneal.job.Job;
import dev.anneal.job.JobError;
import dev.anneal.job.JobQueue;
import dev.anneal.job.JobRecord;
import dev.anneal.job.Jobs;
import dev.anneal.training.TrainerEvent;
import dev.anneal.transformer.ModelException;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import tools.jackson.databind.JsonNode;

/** Runs one attempt at one job, from the work directory to the published model or the reason of its failure. */
@Component
class JobRun {
    private static final Logger log = LoggerFactory.getLogger(JobRun.class);

    private final Jobs jobs;
    private final JobQueue queue;
    private final JobRecord record;
    private final WorkDirectory work;
    private final TrainerExecutor executor;
    private final Publication publication;
    private final MeterRegistry meters;
    private final Duration heartbeat;
    private final ScheduledExecutorService heart = Executors.newScheduledThreadPool(2, r -> {
        Thread thread = new Thread(r, "heartbeat");
        thread.setDaemon(true);
        return thread;
    });
    private final Set<Running> running = ConcurrentHashMap.newKeySet();
    private volatile boolean stopping;

    JobRun(
            Jobs jobs,
            JobQueue queue,
            JobRecord record,
            WorkDirectory work,
            TrainerExecutor executor,
            Publication publication,
            MeterRegistry meters,
            @Value("${anneal.worker.heartbeat:1s}") Duration heartbeat) {
        this.jobs = jobs;
        this.queue = queue;
        this.record = record;
        this.work = work;
        this.executor = executor;
        this.publication = publication;
        this.meters = meters;
        this.heartbeat = heartbeat;
    }

    /** An attempt under way: its trainer once it is started, and why it is to end if it is. */
    private static final class Running {
        final Attempt attempt;
        private RunningTrainer trainer;
        private boolean lost;
        private boolean stopped;
        JsonNode done;

        Running(Attempt attempt) {
            this.attempt = attempt;
        }

        /** Null where the attempt was ended before. */
        synchronized RunningTrainer start(TrainerExecutor executor, Path directory, Slot slot) throws IOException {
            trainer = lost || stopped ? null : executor.start(attempt, directory, slot);
            return trainer;
        }

        synchronized void lose() {
            lost = true;
            kill();
        }

        synchronized void stop() {
            stopped = true;
            kill();
        }

        synchronized void kill() {
            if (trainer != null) {
                trainer.kill();
            }
        }

        synchronized boolean lost() {
            return lost;
        }

        synchronized boolean stopped() {
            return stopped;
        }
    }

    void run(Attempt attempt, Slot slot) {
        log.info("attempt {} begins on {}", attempt.number(), slot.device());
        Running run = new Running(attempt);
        running.add(run);
        if (stopping) {
            run.stop();
        }
        long period = heartbeat.toMillis();
        ScheduledFuture<?> beat = heart.scheduleAtFixedRate(() -> beat(run), period, period, TimeUnit.MILLISECONDS);
        String outcome = "failed";
        try {
            outcome = train(run, slot);
        } catch (AttemptLost lost) {
            outcome = "lost";
        } catch (DataAccessException | TransactionException databaseAway) {
            log.warn("the attempt is given up: {}", databaseAway.getMessage());
            outcome = release(run);
        } catch (IOException | UncheckedIOException | ModelException told) {
            log.error("the attempt failed", told);
            fail(attempt, new JobError("worker_fault", String.valueOf(told.getMessage())));
        } catch (RuntimeException fault) {
            log.error("the attempt failed", fault);
            fail(attempt, new JobError("worker_fault", "The worker met a fault of its own; its log says more."));
        } finally {
            beat.cancel(false);
            run.kill();
            running.remove(run);
            work.remove(attempt);
        }
        meters.counter("anneal.attempts", "outcome", outcome).increment();
        log.info("attempt {} ended: {}", attempt.number(), outcome);
    }

    private String train(Running run, Slot slot) throws IOException {
        Attempt attempt = run.attempt;
        Job job = jobs.findById(attempt.jobId()).orElseThrow(() -> new AttemptLost(attempt));
        Path directory = work.prepare(job, attempt, slot);
        RunningTrainer trainer = run.start(executor, directory, slot);
        int exit = trainer == null
                ? -1
                : trainer.follow((type, data) -> relay(run, type, data), line -> relayLog(run, line));
        if (run.lost()) {
            throw new AttemptLost(attempt);
        }
        if (run.stopped()) {
            return release(run);
        }
        if (exit != 0 || run.done == null) {
            fail(attempt, TrainerFailure.of(exit, trainer.tail()));
            return "failed";
        }
        publication.publish(job, attempt, directory, run.done);
        return "succeeded";
    }

    /** Keeps the lease; a job that was cancelled or taken over ends its trainer here. */
    private void beat(Running run) {
        try {
            if (!queue.renew(run.attempt)) {
                run.lose();
            }
        } catch (RuntimeException databaseAway) {
            log.warn("no heartbeat for {}: {}", run.attempt.jobId(), databaseAway.getMessage());
        }
    }

    /** Where this fails too, the lease runs out. */
    private String release(Running run) {
        try {
            queue.release(run.attempt);
        } catch (RuntimeException databaseAway) {
            log.warn("cannot give the job back: {}", databaseAway.getMessage());
        }
        return "released";
    }

    private void relay(Running run, String type, JsonNode data) {
        Attempt attempt = run.attempt;
        switch (type) {
            case TrainerEvent.START ->
                insist(run, () -> record.started(attempt, data.path("precision").asString(), data));
            case TrainerEvent.STEP -> ifPossible(() -> record.progress(attempt, data));
            case TrainerEvent.EPOCH -> insist(run, () -> record.epoch(attempt, data));
            case TrainerEvent.CHECKPOINT -> {
                JsonNode best = data.path("best");
                if (data.path("has_model").asBoolean() && best.path("epoch").equals(data.path("epoch"))) {
                    insist(run, () -> record.checkpoint(attempt, best));
                }
            }
            case TrainerEvent.LOG ->
                ifPossible(() -> record.log(
                        attempt,
                        data.path("level").asString(),
                        data.path("message").asString()));
            case TrainerEvent.DONE -> run.done = data;
            default -> log.warn("the trainer sent an event of an unknown type '{}'", type);
        }
    }

    private void relayLog(Running run, String line) {
        try {
            record.log(run.attempt, "info", line);
        } catch (RuntimeException ended) {
            log.info("trainer: {}", line);
        }
    }

    /** A step that is not shown is no loss: the next one tells more. */
    private static void ifPossible(Runnable write) {
        try {
            write.run();
        } catch (DataAccessException | TransactionException databaseAway) {
            log.warn("an event is not kept: {}", databaseAway.getMessage());
        }
    }

    /** The metrics of an epoch are part of the job: waits, and the trainer with it, until the database is back. */
    private void insist(Running run, Runnable write) {
        while (true) {
            try {
                write.run();
                return;
            } catch (DataAccessException | TransactionException databaseAway) {
                log.warn("the database is away: {}", databaseAway.getMessage());
                if (run.lost() || run.stopped()) {
                    throw databaseAway;
                }
                LockSupport.parkNanos(heartbeat.toNanos());
            }
        }
    }

    private void fail(Attempt attempt, JobError error) {
        try {
            record.failed(attempt, error);
            log.warn("failed: {}", error.message());
        } catch (AttemptLost lost) {
            log.info("the job has ended otherwise");
        }
    }

    /** From here on every attempt, also one that is just beginning, gives its job back. */
    void stopAll() {
        stopping = true;
        running.forEach(Running::stop);
    }

    void start() {
        stopping = false;
    }
}
