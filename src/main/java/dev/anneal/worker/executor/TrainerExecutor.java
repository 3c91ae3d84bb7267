package dev.anneal.worker.executor;

import dev.anneal.job.queue.Attempt;
import java.io.IOException;
import java.nio.file.Path;

/** Starts trainers, as child processes or in a cluster. */
public interface TrainerExecutor {
    /** Starts a trainer on a prepared work directory. */
    RunningTrainer start(Attempt attempt, Path workDirectory, Slot slot) throws IOException;
}
