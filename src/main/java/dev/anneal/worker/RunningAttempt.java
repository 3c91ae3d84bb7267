package dev.anneal.worker;

import dev.anneal.job.queue.Attempt;
import dev.anneal.training.spec.WorkFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.BadSqlGrammarException;
import org.springframework.transaction.TransactionException;
import tools.jackson.databind.JsonNode;

/** An attempt under way: its trainer once it is started, and whether it is to end. */
final class RunningAttempt {
    private static final Logger log = LoggerFactory.getLogger(RunningAttempt.class);
    /** A trainer that stopped as it was asked ends with this (EX_TEMPFAIL). */
    final Attempt attempt;

    private final Duration betweenTries;
    private RunningTrainer trainer;
    private boolean asked;
    private boolean lost;
    private boolean killed;
    private volatile boolean workerStops;
    private volatile long renewedAt = System.nanoTime();
    /** The trainer's last event, which says how good the model is. */
    JsonNode done;
    /** The last checkpoint of an epoch that the store would not take. */
    JsonNode notStored;

    RunningAttempt(Attempt attempt, Duration betweenTries) {
        this.attempt = attempt;
        this.betweenTries = betweenTries;
    }

    /** Null where the attempt was ended before. */
    synchronized RunningTrainer start(TrainerExecutor executor, Path directory, Slot slot) throws IOException {
        trainer = lost || asked ? null : executor.start(attempt, directory, slot);
        return trainer;
    }

    /** The job is another's, or nobody's: nothing of this attempt is wanted. */
    synchronized void lose() {
        lost = true;
        kill();
    }

    /** Asks the trainer for a checkpoint and its end; false where it was asked before. */
    synchronized boolean ask() {
        if (asked) {
            return false;
        }
        asked = true;
        if (trainer != null) {
            trainer.stop();
        }
        return true;
    }

    /** As {@link #ask}, because this process is about to end: nothing is waited for any more. */
    boolean askForWorker() {
        workerStops = true;
        return ask();
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

    /** Whether it is to end, for whatever reason. */
    synchronized boolean toEnd() {
        return lost || asked;
    }

    /** Whether even what is trained cannot be brought out by this process: a pause waits for that. */
    boolean outOfTime() {
        return lost() || workerStops;
    }

    /** Whether a trainer that ended so did because it was told to: by us, or by a cluster that drains its node. */
    synchronized boolean endedAsAsked(int exit) {
        return exit == WorkFiles.STOPPED_EXIT_CODE || asked && (trainer == null || killed || exit > 128);
    }

    /** The lease was renewed by a call that began then, in the time of {@link System#nanoTime}. */
    void renewed(long since) {
        renewedAt = since;
    }

    boolean unheardFor(Duration time) {
        return System.nanoTime() - renewedAt > time.toNanos();
    }

    /**
     * What is part of the job is written down for certain: waits, and the trainer with it, until the database is back. That it
     * is still ours to write is for the statement to say.
     */
    void insist(Runnable write) {
        while (true) {
            try {
                write.run();
                return;
            } catch (DataIntegrityViolationException | BadSqlGrammarException fault) {
                throw fault; // which would come again
            } catch (DataAccessException | TransactionException databaseAway) {
                log.warn("the database is away: {}", databaseAway.getMessage());
                if (outOfTime()) {
                    throw databaseAway;
                }
                pause();
            }
        }
    }

    /** Between two tries of what may go well in a while. */
    void pause() {
        LockSupport.parkNanos(betweenTries.toNanos());
    }
}
