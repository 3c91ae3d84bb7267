package dev.anneal.worker;

import dev.anneal.job.queue.Attempt;
import dev.anneal.training.process.WorkFiles;
import dev.anneal.worker.executor.RunningTrainer;
import dev.anneal.worker.executor.Slot;
import dev.anneal.worker.executor.TrainerExecutor;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.retry.RetryPolicy;
import org.springframework.core.retry.RetryTemplate;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;
import org.springframework.util.backoff.FixedBackOff;
import tools.jackson.databind.JsonNode;

/** A running attempt: its trainer, if it has started, and whether the attempt must stop. */
final class RunningAttempt {
    private static final Logger log = LoggerFactory.getLogger(RunningAttempt.class);
    final Attempt attempt;

    private final Duration retryDelay;
    private @Nullable RunningTrainer trainer;
    private boolean stopRequested;
    private boolean lost;
    private boolean killed;
    private volatile boolean shuttingDown;
    private volatile long renewedAt = System.nanoTime();
    /** The trainer's last event, with the metrics of the model. */
    @Nullable
    JsonNode done;
    /** The model whose steps were counted last, and its last step. */
    String countedPhase = "";

    int countedStep;

    /** The event of the last checkpoint with a model that could not be stored. */
    @Nullable
    JsonNode notStored;

    RunningAttempt(Attempt attempt, Duration retryDelay) {
        this.attempt = attempt;
        this.retryDelay = retryDelay;
    }

    /** Starts the trainer, or returns null if the attempt was lost or stopped before. */
    synchronized @Nullable RunningTrainer start(TrainerExecutor executor, Path directory, Slot slot)
            throws IOException {
        trainer = lost || stopRequested ? null : executor.start(attempt, directory, slot);
        return trainer;
    }

    /** Marks the attempt as lost, because the job ended or another worker has it, and kills its trainer. */
    synchronized void markLost() {
        lost = true;
        kill();
    }

    /** Asks the trainer to write a checkpoint and stop. Returns false if that was already requested. */
    synchronized boolean requestStop() {
        if (stopRequested) {
            return false;
        }
        stopRequested = true;
        if (trainer != null) {
            trainer.stop();
        }
        return true;
    }

    /** Requests a stop because this process shuts down: the attempt no longer waits for the database or the store. */
    boolean requestStopForShutdown() {
        shuttingDown = true;
        return requestStop();
    }

    synchronized void kill() {
        killed = true;
        if (trainer != null) {
            trainer.kill();
        }
    }

    synchronized boolean lost() {
        return lost;
    }

    /** Returns whether the attempt must stop, for any reason. */
    synchronized boolean isEnding() {
        return lost || stopRequested;
    }

    /** Returns whether this process cannot publish a trained model either. A pause alone lets it publish. */
    boolean cannotPublish() {
        return lost() || shuttingDown;
    }

    /** Returns whether the trainer ended because a stop was requested, by this worker or by a cluster that drains its node. */
    synchronized boolean endedOnRequest(int exit) {
        return exit == WorkFiles.STOPPED_EXIT_CODE || stopRequested && (trainer == null || killed || exit > 128);
    }

    /** Notes that the lease was renewed by a call that began at this {@link System#nanoTime}. */
    void renewed(long began) {
        renewedAt = began;
    }

    boolean notRenewedFor(Duration time) {
        return System.nanoTime() - renewedAt > time.toNanos();
    }

    /**
     * Retries a write until the database has committed it; the trainer waits meanwhile. The statement itself checks that the
     * attempt still holds the job.
     */
    void retryUntilCommitted(Runnable write) {
        RetryTemplate retry = new RetryTemplate(retryPolicy()
                .predicate(failure -> TransientFailure.test(failure) && !cannotPublish())
                .build());
        retry.invoke(() -> {
            try {
                write.run();
            } catch (DataAccessException | TransactionException failure) {
                log.warn("a write to the database failed: {}", failure.getMessage());
                throw failure;
            }
        });
    }

    /** Returns a policy that retries without a limit, once per heartbeat. */
    RetryPolicy.Builder retryPolicy() {
        return RetryPolicy.builder().backOff(new FixedBackOff(retryDelay.toMillis()));
    }
}
