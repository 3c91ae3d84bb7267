package dev.anneal.worker;

import dev.anneal.artifact.StoreUnavailableException;
import dev.anneal.child.ProgramReplacedException;
import dev.anneal.job.AttemptWriter;
import dev.anneal.job.Job;
import dev.anneal.job.Jobs;
import dev.anneal.job.queue.Attempt;
import dev.anneal.job.queue.AttemptLostException;
import dev.anneal.job.queue.JobError;
import dev.anneal.job.queue.JobKind;
import dev.anneal.job.queue.JobLease;
import dev.anneal.job.queue.JobStatus;
import dev.anneal.transformer.format.ModelException;
import dev.anneal.worker.TrainerFailure.Kind;
import dev.anneal.worker.executor.RunningTrainer;
import dev.anneal.worker.executor.Slot;
import dev.anneal.worker.executor.TrainerExecutor;
import dev.anneal.worker.executor.TrainerLostException;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.BadSqlGrammarException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import tools.jackson.databind.JsonNode;

/** Runs one attempt of a job: prepares the work directory, follows the trainer, then publishes the model or records the failure. */
@Component
class AttemptRunner {
    private static final Logger log = LoggerFactory.getLogger(AttemptRunner.class);

    private final RunningAttempts attempts;
    private final Jobs jobs;
    private final JobLease lease;
    private final AttemptWriter writer;
    private final WorkDirectory workDirectory;
    private final StoreRetry storeRetry;
    private final TrainerExecutor executor;
    private final TrainerEventHandler events;
    private final ModelPublication publication;
    private final EvaluationPublication evaluations;
    private final MeterRegistry meters;

    AttemptRunner(
            RunningAttempts attempts,
            Jobs jobs,
            JobLease lease,
            AttemptWriter writer,
            WorkDirectory workDirectory,
            StoreRetry storeRetry,
            TrainerExecutor executor,
            TrainerEventHandler events,
            ModelPublication publication,
            EvaluationPublication evaluations,
            MeterRegistry meters) {
        this.attempts = attempts;
        this.jobs = jobs;
        this.lease = lease;
        this.writer = writer;
        this.workDirectory = workDirectory;
        this.storeRetry = storeRetry;
        this.executor = executor;
        this.events = events;
        this.publication = publication;
        this.evaluations = evaluations;
        this.meters = meters;
    }

    void run(Attempt attempt, Slot slot) {
        log.info("attempt {} starts on {}", attempt.number(), slot.device());
        RunningAttempt run = attempts.begin(attempt);
        String outcome = "failed";
        try {
            outcome = train(run, slot);
        } catch (AttemptLostException lost) {
            outcome = lost(attempt);
        } catch (DataIntegrityViolationException | BadSqlGrammarException fault) {
            outcome = fault(run, fault);
        } catch (DataAccessException | TransactionException databaseUnavailable) {
            log.warn("the database is unavailable, so the job is released: {}", databaseUnavailable.getMessage());
            outcome = release(run);
        } catch (MissingInputException deleted) {
            outcome = end(run, new TrainerFailure(deleted.error(), Kind.FINAL));
        } catch (StoreUnavailableException unavailable) {
            outcome = storeUnavailable(run, unavailable);
        } catch (TrainerLostException lost) {
            log.warn("the trainer is lost: {}", lost.getMessage());
            outcome = end(run, TrainerFailure.of(lost));
        } catch (ProgramReplacedException replaced) {
            log.warn("the trainer cannot start, so the job is released: {}", replaced.getMessage());
            outcome = release(run);
        } catch (IOException | UncheckedIOException | ModelException failure) {
            log.error("the attempt failed", failure);
            JobError error = new JobError("worker_fault", String.valueOf(failure.getMessage()));
            boolean wouldRecur = failure instanceof ModelException; // the files of a model do not change
            outcome = end(run, new TrainerFailure(error, wouldRecur ? Kind.FINAL : Kind.RETRY));
        } catch (RuntimeException fault) {
            outcome = fault(run, fault);
        } finally {
            attempts.end(run);
            workDirectory.remove(attempt);
        }
        meters.counter("anneal.attempts", "outcome", outcome).increment();
        log.info("attempt {} ended: {}", attempt.number(), outcome);
    }

    private String train(RunningAttempt run, Slot slot) throws IOException {
        Attempt attempt = run.attempt;
        Job job = jobs.findById(attempt.jobId()).orElseThrow(() -> new AttemptLostException(attempt));
        Path directory = storeRetry.call(
                run,
                "read the base model and checkpoints",
                run::isEnding,
                () -> workDirectory.prepare(job, attempt, slot, run::isEnding));
        RunningTrainer trainer = run.start(executor, directory, slot);
        int exit = trainer == null
                ? -1
                : trainer.follow(
                        (type, data) -> events.event(run, job, directory, type, data), line -> events.line(run, line));
        if (run.lost()) {
            throw new AttemptLostException(attempt);
        }
        JsonNode done = run.done;
        if (exit == 0 && done != null) {
            try {
                if (job.kind() == JobKind.training) {
                    publication.publish(run, job, directory, done);
                } else {
                    evaluations.publish(run, job, directory, done);
                }
                return "succeeded";
            } catch (ModelException unusable) {
                JobError error = new JobError(
                        "invalid_model", "The trained model cannot be published. " + unusable.getMessage());
                return end(run, new TrainerFailure(error, Kind.FINAL));
            }
        }
        if (trainer == null || run.endedOnRequest(exit)) {
            return release(run);
        }
        return end(run, TrainerFailure.of(exit, trainer.tail(), trainer.mayHaveRunOutOfMemory(), memoryAdvice(job)));
    }

    private String memoryAdvice(Job job) {
        if (job.kind() != JobKind.training) {
            return "Run it on a worker with more memory, or with a higher anneal.trainer.heap.";
        }
        Long bytes = job.memoryBytes(); // null for jobs from before estimates existed
        return (bytes == null
                        ? ""
                        : String.format(Locale.ROOT, "Its tensors alone need an estimated %,d MB. ", bytes / 1_000_000))
                + "Lower batch_size (now %d) and raise gradient_accumulation_steps to make up for it, or lower max_length (now %d), %sor train fewer weights: use method lora, frozen or head."
                        .formatted(
                                job.spec().hyperparameters().batchSize(),
                                job.spec().hyperparameters().maxLength(),
                                Boolean.TRUE.equals(job.spec().hyperparameters().gradientCheckpointing())
                                        ? ""
                                        : "or set gradient_checkpointing to true, ");
    }

    /** Puts the job back into the queue. If the database stays unavailable until the worker stops, the lease expires instead. */
    private String release(RunningAttempt run) {
        try {
            run.retryUntilCommitted(() -> lease.release(run.attempt));
        } catch (RuntimeException databaseUnavailable) {
            log.warn("cannot release the job, so its lease will expire: {}", databaseUnavailable.getMessage());
        }
        return "released";
    }

    /** Ends the attempt after the last retry, or because a stop was requested while it waited for the store. */
    private String storeUnavailable(RunningAttempt run, StoreUnavailableException unavailable) {
        if (run.isEnding()) {
            return run.lost() ? lost(run.attempt) : release(run);
        }
        JobError error = new JobError(
                "store_unavailable",
                (unavailable.isTransient()
                                ? "The artifact store was unavailable for longer than the worker waits (anneal.worker.patience): "
                                : "The artifact store lacks files that the attempt needs: ")
                        + unavailable.reason());
        // An outage is not the job's fault. Files that the store has lost may be the reason for each attempt's end.
        return end(run, new TrainerFailure(error, unavailable.isTransient() ? Kind.KILL : Kind.RETRY));
    }

    /** Returns whether the attempt ended because its job was cancelled, or because it lost the job. */
    private String lost(Attempt attempt) {
        try {
            return jobs.findById(attempt.jobId())
                    .filter(job -> job.status() == JobStatus.cancelled && job.attempt() == attempt.number())
                    .map(job -> "cancelled")
                    .orElse("lost");
        } catch (DataAccessException | TransactionException databaseUnavailable) {
            return "lost";
        }
    }

    private String fault(RunningAttempt run, RuntimeException fault) {
        log.error("the attempt failed", fault);
        JobError error = new JobError("worker_fault", "Internal error in the worker. See the worker's log.");
        return end(run, new TrainerFailure(error, Kind.RETRY));
    }

    /** Records the failure: the job fails or waits for its next attempt. */
    private String end(RunningAttempt run, TrainerFailure failure) {
        Attempt attempt = run.attempt;
        JobError error = failure.error();
        JobStatus[] status = {JobStatus.failed};
        try {
            run.retryUntilCommitted(() -> {
                if (failure.kind() == Kind.FINAL) {
                    writer.failed(attempt, error);
                } else {
                    status[0] = lease.lost(attempt, error, failure.cause());
                }
            });
        } catch (AttemptLostException lost) {
            return lost(attempt);
        } catch (DataAccessException | TransactionException databaseUnavailable) {
            log.warn("cannot record why the attempt failed: {}", databaseUnavailable.getMessage());
            return "lost";
        }
        meters.counter("anneal.attempts.failures", "code", error.code()).increment();
        log.warn("the job is {}: {}", status[0], error.message());
        return status[0] == JobStatus.failed ? "failed" : "retried";
    }
}
