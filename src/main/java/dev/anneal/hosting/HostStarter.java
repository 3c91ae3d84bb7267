package dev.anneal.hosting;

import dev.anneal.artifact.ArtifactStore;
import dev.anneal.child.ChildJvm;
import dev.anneal.host.message.HostAnswer;
import dev.anneal.host.message.HostOptions;
import dev.anneal.host.message.RunningSteps;
import dev.anneal.json.Json;
import dev.anneal.local.DataDirectory;
import dev.anneal.log.OutOfMemory;
import dev.anneal.model.ServedModel;
import dev.anneal.model.Serving;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts the process of a model, and keeps what it needs until it ends: the files of the model, and the record of its steps. */
final class HostStarter {
    private static final Logger log = LoggerFactory.getLogger(HostStarter.class);
    private static final String MAIN = "dev.anneal.host.ModelHost";

    /** Nothing of the JVM's own goes to standard output, and crashes leave no files. */
    private static final List<String> JVM_FLAGS = List.of(
            "-XX:+ExitOnOutOfMemoryError",
            "-XX:+DisplayVMOutputToStderr",
            "-XX:ErrorFile=/dev/null",
            "-XX:-CreateCoredumpOnCrash");

    private final ArtifactStore store;
    private final ChildJvm children;
    private final DataDirectory data;
    private final HostSettings settings;
    private final SpareHosts spares;

    HostStarter(ArtifactStore store, ChildJvm children, DataDirectory data, HostSettings settings) {
        this.store = store;
        this.children = children;
        this.data = data;
        this.settings = settings;
        this.spares = new SpareHosts(() -> launch(), System::nanoTime);
    }

    SpareHosts spares() {
        return spares;
    }

    /**
     * Fetches the files of a model and starts its process, or takes a spare one.
     *
     * @param known how the model was computed before, if it was
     * @param isSeparate true if it computes the calls of each caller separately
     * @param onLoad is called when the model can predict or generate
     * @param onEnd is called once if the process ends by itself, before its calls fail
     */
    HostProcess start(
            ServedModel model,
            Optional<Serving> known,
            boolean isSeparate,
            Consumer<HostAnswer.Loaded> onLoad,
            Consumer<HostProcess.Ended> onEnd)
            throws IOException {
        ArtifactStore.Held files = store.hold(model.files());
        Path steps = null;
        try {
            steps = Files.createTempFile(data.own(), "host", ".steps");
            return start(model, known, isSeparate, files, steps, onLoad, onEnd);
        } catch (IOException | RuntimeException | Error fault) {
            OutOfMemory.endIf(fault);
            release(files, steps);
            throw fault;
        }
    }

    private HostProcess start(
            ServedModel model,
            Optional<Serving> known,
            boolean isSeparate,
            ArtifactStore.Held files,
            Path steps,
            Consumer<HostAnswer.Loaded> onLoad,
            Consumer<HostProcess.Ended> onEnd)
            throws IOException {
        HostOptions options = new HostOptions(
                files.directory().toAbsolutePath().toString(),
                settings.device(),
                Runtime.getRuntime().availableProcessors(),
                settings.tokenBudget(),
                settings.maxGenerations(),
                settings.generationsPerKey(),
                settings.cacheTokens(),
                settings.precision(),
                known.map(Serving::difference).orElse(null),
                isSeparate,
                steps.toAbsolutePath().toString(),
                settings.loadTimeout().toMillis() / 1000.0,
                settings.stallTimeout().toMillis() / 1000.0);
        RunningSteps running = RunningSteps.open(steps);
        running.begin(RunningSteps.LOADING); // the process clears this once it has started
        String given = Json.write(options);
        Process spare = spares.take(given);
        Process process = spare == null ? launch(given) : spare;
        process.onExit().thenRun(() -> release(files, steps));
        return new HostProcess(model.id(), process, running, onLoad, onEnd);
    }

    /** Starts the process of a model with these options, or a spare one without any. */
    private Process launch(String... options) throws IOException {
        List<String> command = new ArrayList<>(children.command(MAIN, settings.heap(), options));
        command.addAll(1, JVM_FLAGS);
        ProcessBuilder builder = children.process(command, settings.device())
                .directory(Path.of(System.getProperty("java.io.tmpdir")).toFile());
        // Keeps freed memory in the process: each batch needs the same amount again. Its end returns all of it.
        builder.environment().put("MALLOC_MMAP_THRESHOLD_", "4294967296");
        builder.environment().put("MALLOC_TRIM_THRESHOLD_", "8589934592");
        return builder.start();
    }

    private static void release(ArtifactStore.Held files, @Nullable Path steps) {
        files.close();
        try {
            if (steps != null) {
                Files.deleteIfExists(steps); // the server still has its content in memory
            }
        } catch (IOException e) {
            log.warn("cannot delete {}: {}", steps, e.getMessage());
        }
    }
}
