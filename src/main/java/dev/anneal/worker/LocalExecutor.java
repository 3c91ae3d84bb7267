package dev.anneal.worker;

import dev.anneal.job.queue.Attempt;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
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
        TrainerCommand.Launch launch = command.forWork(workDirectory);
        ProcessBuilder builder = new ProcessBuilder(launch.command()).directory(workDirectory.toFile());
        builder.environment().keySet().removeIf(LocalExecutor::isOurs);
        builder.environment().put("ANNEAL_WATCH_PARENT", "1");
        builder.environment().putAll(launch.environment());
        return new TrainerProcess(builder);
    }

    /** Returns whether a variable may hold credentials, which a trainer does not need. */
    private static boolean isOurs(String variable) {
        return Stream.of("ANNEAL_DATABASE", "ANNEAL_HUB", "AWS_").anyMatch(variable::startsWith);
    }
}
