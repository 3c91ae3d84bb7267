package dev.anneal.worker.executor;

import dev.anneal.job.queue.Attempt;
import java.io.IOException;
import java.nio.file.Path;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.stereotype.Component;

/** Runs trainers as child processes of the worker. */
@Component
@ConditionalOnProperty(name = "anneal.executor", havingValue = "local", matchIfMissing = true)
class LocalExecutor implements TrainerExecutor {
    private final TrainerCommand command;

    LocalExecutor(TrainerCommand command) {
        this.command = command;
    }

    @Override
    public RunningTrainer start(Attempt attempt, Path workDirectory, Slot slot) throws IOException {
        ProcessBuilder builder = command.process(workDirectory, slot.device());
        builder.environment().put("ANNEAL_WATCH_PARENT", "1");
        return new TrainerProcess(builder);
    }
}
