package dev.anneal.worker;

import dev.anneal.artifact.StoreUnavailableException;
import dev.anneal.job.AttemptWriter;
import dev.anneal.job.Job;
import dev.anneal.job.Jobs;
import dev.anneal.job.queue.Attempt;
import dev.anneal.job.queue.AttemptLostException;
import dev.anneal.job.queue.JobError;
import dev.anneal.job.queue.JobLease;
import dev.anneal.job.queue.JobStatus;
import dev.anneal.training.spec.TrainingException;
import dev.anneal.transformer.format.ModelException;
import dev.anneal.worker.TrainerFailure.Kind;
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

/** Runs one attempt at one job, from the work directory to the published model or the reason of its failure. */
@Component
class AttemptRunner {
    private static final Logger log = LoggerFactory.getLogger(AttemptRunner.class);

    private final RunningAttempts attempts;
    private final Jobs jobs;
    private final JobLease lease;
    private final AttemptWriter record;
    private final WorkDirectory work;
    private final StoreRetry patient;
    private final TrainerExecutor executor;
    private final TrainerEventHandler relay;
    private final Publication publication;
    private final MeterRegistry meters;

    AttemptRunner(
            RunningAttempts attempts,
            Jobs jobs,
            JobLease lease,
            AttemptWriter record,
            WorkDirectory work,
            StoreRetry patient,
            TrainerExecutor executor,
            TrainerEventHandler relay,
            Publication publication,
            MeterRegistry meters) {
        this.attempts = attempts;
        this.jobs = jobs;
        this.lease = lease;
        this.record = record;
        this.work = work;
        this.patient = patient;
        this.executor = executor;
        this.relay = relay;
        this.publication = publication;
        this.meters = meters;
    }

    void run(Attempt attempt, Slot slot) {
        log.info("attempt {} begins on {}", attempt.number(), slot.device());
        RunningAttempt run = attempts.begin(attempt);
        String outcome = "failed";
        try {
            outcome = train(run, slot);
        } catch (AttemptLostException lost) {
            outcome = "lost";
        } catch (DataIntegrityViolationException | BadSqlGrammarException fault) {
            outcome = fault(run, fault);
        } catch (DataAccessException | TransactionException databaseAway) {
            log.warn("the attempt is given up: {}", databaseAway.getMessage());
            outcome = release(run);
        } catch (TrainingException told) {
            outcome = end(run, new TrainerFailure(new JobError("base_model_deleted", told.getMessage()), Kind.FINAL));
        } catch (StoreUnavailableException away) {
            outcome = storeAway(run, away);
        } catch (IOException | UncheckedIOException | ModelException told) {
            log.error("the attempt failed", told);
            JobError error = new JobError("worker_fault", String.valueOf(told.getMessage()));
            outcome = end(run, new TrainerFailure(error, Kind.RETRY));
        } catch (RuntimeException fault) {
            outcome = fault(run, fault);
        } finally {
            attempts.end(run);
            work.remove(attempt);
        }
        meters.counter("anneal.attempts", "outcome", outcome).increment();
        log.info("attempt {} ended: {}", attempt.number(), outcome);
    }

    private String train(RunningAttempt run, Slot slot) throws IOException {
        Attempt attempt = run.attempt;
        Job job = jobs.findById(attempt.jobId()).orElseThrow(() -> new AttemptLostException(attempt));
        Path directory = patient.ask(
                run, "give what the attempt begins with", run::toEnd, () -> work.prepare(job, attempt, slot));
        RunningTrainer trainer = run.start(executor, directory, slot);
        int exit = trainer == null
                ? -1
                : trainer.follow(
                        (type, data) -> relay.event(run, job, directory, type, data), line -> relay.line(run, line));
        if (run.lost()) {
            throw new AttemptLostException(attempt);
        }
        if (exit == 0 && run.done != null) {
            publication.publish(run, job, directory);
            return "succeeded";
        }
        if (run.endedAsAsked(exit)) {
            return release(run);
        }
        return end(run, TrainerFailure.of(exit, trainer.tail(), trainer.mayHaveRunOutOfMemory(), whatToLower(job)));
    }

    private String whatToLower(Job job) {
        Long bytes = job.memoryBytes(); // null for a job that was submitted before this was estimated
        return (bytes == null
                        ? ""
                        : String.format(Locale.ROOT, "Its tensors alone were estimated at %,d MB. ", bytes / 1_000_000))
                + "Lower batch_size (now %d; gradient_accumulation_steps makes up for it) or max_length (now %d), or train less of the model: method lora, frozen or head."
                        .formatted(
                                job.hyperparameters().batchSize(),
                                job.hyperparameters().maxLength());
    }

    /** Where this fails too, because the worker stops, the lease runs out. */
    private String release(RunningAttempt run) {
        try {
            run.insist(() -> lease.release(run.attempt));
        } catch (RuntimeException databaseAway) {
            log.warn("cannot give the job back: {}", databaseAway.getMessage());
        }
        return "released";
    }

    /** After all patience, or because the attempt was to end meanwhile. */
    private String storeAway(RunningAttempt run, StoreUnavailableException away) {
        if (run.toEnd()) {
            return run.lost() ? "lost" : release(run);
        }
        JobError error = new JobError(
                "store_unavailable",
                (away.mayPass()
                                ? "The artifact store was away for longer than this worker waits (anneal.worker.patience): "
                                : "The artifact store does not have what the attempt begins with: ")
                        + away.reason());
        return end(run, new TrainerFailure(error, Kind.RETRY));
    }

    private String fault(RunningAttempt run, RuntimeException fault) {
        log.error("the attempt failed", fault);
        JobError error = new JobError("worker_fault", "The worker met a fault of its own; its log says more.");
        return end(run, new TrainerFailure(error, Kind.RETRY));
    }

    /** The attempt came to nothing: the job fails, or is tried again. */
    private String end(RunningAttempt run, TrainerFailure failure) {
        Attempt attempt = run.attempt;
        JobError error = failure.error();
        JobStatus[] status = {JobStatus.failed};
        try {
            run.insist(() -> {
                if (failure.kind() == Kind.FINAL) {
                    record.failed(attempt, error);
                } else {
                    status[0] = lease.lost(attempt, error, failure.kind() == Kind.MEMORY);
                }
            });
        } catch (AttemptLostException lost) {
            log.info("the job has ended otherwise");
            return "lost";
        } catch (DataAccessException | TransactionException databaseAway) {
            log.warn("cannot say why the attempt failed: {}", databaseAway.getMessage());
            return "lost";
        }
        log.warn("the job is {}: {}", status[0], error.message());
        return status[0] == JobStatus.failed ? "failed" : "retried";
    }
}
