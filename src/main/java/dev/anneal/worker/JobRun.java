package dev.anneal.worker;

import dev.anneal.job.Attempt;
import dev.anneal.job.AttemptLost;
import dev.anneal.job.Job;
import dev.anneal.job.JobError;
import dev.anneal.job.JobQueue;
import dev.anneal.job.JobRecord;
import dev.anneal.job.Jobs;
import dev.anneal.training.TrainerEvent;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Runs one attempt at one job, from the work directory to the published model or the reason of its failure. */
@Component
class JobRun {
    private static final Logger log = LoggerFactory.getLogger(JobRun.class);

    private final Jobs jobs;
    private final JobQueue queue;
    private final JobRecord record;
    private final WorkDirectory work;
    private final TrainerCommand command;
    private final Publication publication;
    private final MeterRegistry meters;
    private final Duration heartbeat;
    private final ScheduledExecutorService heart = Executors.newScheduledThreadPool(2, r -> {
        Thread thread = new Thread(r, "heartbeat");
        thread.setDaemon(true);
        return thread;
    });
    private final Set<Running> running = ConcurrentHashMap.newKeySet();

    JobRun(
            Jobs jobs,
            JobQueue queue,
            JobRecord record,
            WorkDirectory work,
            TrainerCommand command,
            Publication publication,
            MeterRegistry meters,
            @Value("${anneal.worker.heartbeat:1s}") Duration heartbeat) {
        this.jobs = jobs;
        this.queue = queue;
        this.record = record;
        this.work = work;
        this.command = command;
        this.publication = publication;
        this.meters = meters;
        this.heartbeat = heartbeat;
    }

    /** A trainer at work, and why it was killed if it was. */
    private static final class Running {
        final Attempt attempt;
        final TrainerProcess trainer;
        volatile boolean lost;
        volatile boolean stopped;
        JsonNode done;

        Running(Attempt attempt, TrainerProcess trainer) {
            this.attempt = attempt;
            this.trainer = trainer;
        }
    }

    void run(Attempt attempt, Slot slot) {
        Job job = jobs.findById(attempt.jobId()).orElseThrow();
        log.info("attempt {} begins on {}", attempt.number(), slot.device());
        Path directory = null;
        String outcome = "failed";
        try {
            directory = work.prepare(job, attempt, slot);
            outcome = train(job, attempt, directory);
        } catch (AttemptLost lost) {
            outcome = "lost";
        } catch (IOException | RuntimeException fault) {
            log.error("the attempt failed", fault);
            fail(attempt, new JobError("worker_fault", String.valueOf(fault.getMessage())));
        } finally {
            if (directory != null) {
                work.remove(directory);
            }
        }
        meters.counter("anneal.attempts", "outcome", outcome).increment();
        log.info("attempt {} ended: {}", attempt.number(), outcome);
    }

    private String train(Job job, Attempt attempt, Path directory) throws IOException {
        Running run = new Running(attempt, new TrainerProcess(command.forWork(directory)));
        running.add(run);
        long period = heartbeat.toMillis();
        ScheduledFuture<?> beat = heart.scheduleAtFixedRate(() -> beat(run), period, period, TimeUnit.MILLISECONDS);
        try {
            int exit = run.trainer.follow((type, data) -> relay(run, type, data), line -> relayLog(run, line));
            if (run.lost) {
                throw new AttemptLost(attempt);
            }
            if (run.stopped) {
                queue.release(attempt);
                return "released";
            }
            if (exit != 0 || run.done == null) {
                fail(attempt, TrainerFailure.of(exit, run.trainer.tail()));
                return "failed";
            }
            publication.publish(job, attempt, directory, run.done);
            return "succeeded";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        } finally {
            beat.cancel(false);
            run.trainer.kill();
            running.remove(run);
        }
    }

    /** Keeps the lease; a job that was cancelled or taken over ends its trainer here. */
    private void beat(Running run) {
        try {
            if (!queue.renew(run.attempt)) {
                run.lost = true;
                run.trainer.kill();
            }
        } catch (RuntimeException databaseAway) {
            log.warn("no heartbeat for {}: {}", run.attempt.jobId(), databaseAway.getMessage());
        }
    }

    private void relay(Running run, String type, JsonNode data) {
        switch (type) {
            case TrainerEvent.START ->
                record.started(run.attempt, data.path("precision").asString(), data);
            case TrainerEvent.STEP -> record.progress(run.attempt, data);
            case TrainerEvent.EPOCH -> record.epoch(run.attempt, data);
            case TrainerEvent.CHECKPOINT -> record.checkpoint(run.attempt, data);
            case TrainerEvent.LOG ->
                record.log(
                        run.attempt,
                        data.path("level").asString(),
                        data.path("message").asString());
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

    private void fail(Attempt attempt, JobError error) {
        try {
            record.failed(attempt, error);
            log.warn("failed: {}", error.message());
        } catch (AttemptLost lost) {
            log.info("the job has ended otherwise");
        }
    }

    void stopAll() {
        for (Running run : running) {
            run.stopped = true;
            run.trainer.kill();
        }
    }
}
