package dev.anneal.worker.executor;

import dev.anneal.child.ChildJvm;
import dev.anneal.job.plan.TrainerSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/** The command line and environment of a trainer. */
@Component
public class TrainerCommand {
    private static final String MAIN = "dev.anneal.training.Trainer";

    private final ChildJvm children;
    private final String heap;

    public TrainerCommand(ChildJvm children, TrainerSettings settings) {
        this.children = children;
        this.heap = settings.heap();
    }

    /** A command line and the environment variables that it needs. */
    public record Launch(List<String> command, Map<String, String> environment) {}

    public Launch forWork(Path workDirectory, String device) throws IOException {
        Map<String, String> environment = new HashMap<>(children.environment(device));
        // Keeps freed memory in the process: each step needs the same amount for its gradients, and without page faults
        // steps on short texts are a sixth faster.
        environment.put("MALLOC_MMAP_THRESHOLD_", "4294967296");
        environment.put("MALLOC_TRIM_THRESHOLD_", "8589934592");
        return new Launch(children.command(MAIN, heap, workDirectory.toString()), environment);
    }

    /** Returns a trainer to start on this machine. */
    ProcessBuilder process(Path workDirectory, String device) throws IOException {
        Launch launch = forWork(workDirectory, device);
        ProcessBuilder builder = children.process(launch.command(), device).directory(workDirectory.toFile());
        builder.environment().putAll(launch.environment());
        return builder;
    }
}
