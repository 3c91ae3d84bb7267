package dev.anneal.worker;

import dev.anneal.job.Attempt;
import java.io.IOException;
import java.nio.file.Path;
import org.springframework.stereotype.Component;

/** Runs trainers as child processes of this one. */
@Component
class LocalExecutor implements TrainerExecutor {
    private final TrainerCommand command;

    LocalExecutor(TrainerCommand command) {
        this.command = command;
    }

    @Override
    public RunningTrainer start(Attempt attempt, Path workDirectory, Slot slot) throws IOException {
        return new TrainerProcess(command.forWork(workDirectory));
    }
}
