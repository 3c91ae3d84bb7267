package dev.anneal.model.check;

import dev.anneal.child.ChildJvm;
import dev.anneal.local.DataDirectory;
import dev.anneal.transformer.ModelFiles;
import dev.anneal.transformer.check.CheckMain;
import dev.anneal.transformer.format.ModelException;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;
import org.springframework.util.FileSystemUtils;

/**
 * Checks the files of models before they are used, each in a child process: a broken file can end the process that reads it,
 * or need any time and memory. The end of that process is an answer like others.
 */
@Component
public class ModelChecks {
    private static final Logger log = LoggerFactory.getLogger(ModelChecks.class);
    private static final int PARALLEL = 2;
    /** The time for a whole check without the time for its weights. */
    private static final Duration LIMIT = Duration.ofSeconds(120);
    /** The time for the search for the part of a tokenizer that ends the process. */
    private static final Duration SEARCH = Duration.ofSeconds(90);

    private final ChildJvm children;
    private final DataDirectory data;
    private final Duration limit;
    private final CheckTurns turns = new CheckTurns(PARALLEL);

    @Autowired
    public ModelChecks(ChildJvm children, DataDirectory data, MeterRegistry meters) {
        this(children, data, LIMIT, meters);
    }

    ModelChecks(ChildJvm children, DataDirectory data, Duration limit, MeterRegistry meters) {
        this.children = children;
        this.data = data;
        this.limit = limit;
        meters.gauge("anneal.model.checks", Tags.of("state", "running"), turns, CheckTurns::running);
        meters.gauge("anneal.model.checks", Tags.of("state", "waiting"), turns, CheckTurns::waiting);
    }

    /**
     * Returns the facts about a model. Throws a {@link ModelException} that names the file and the field if the model cannot be
     * used, an {@link InterruptedIOException} if this thread is interrupted, a {@link CheckKilledException} if something killed
     * the check. Writes the tokenizer.json of a model that has only a vocabulary.
     *
     * @param project whose model it is; null for one of all projects
     */
    public ModelFiles check(Path directory, @Nullable String project) throws IOException {
        String owner = project == null ? "" : project;
        try {
            turns.begin(owner);
        } catch (InterruptedException e) {
            throw CheckProcess.interrupted();
        }
        try {
            return check(directory, Files.createTempDirectory(data.own(), "check"));
        } finally {
            turns.end(owner);
        }
    }

    private ModelFiles check(Path directory, Path work) throws IOException {
        try {
            CheckProcess.Result result = run(directory, work, limit);
            if (result.model() != null) {
                return result.model();
            } else if (result.error() != null) {
                throw new ModelException(result.error());
            }
            throw ended(directory, work, result);
        } finally {
            FileSystemUtils.deleteRecursively(work);
        }
    }

    private CheckProcess.Result run(Path directory, Path work, Duration most, String... arguments) throws IOException {
        return new CheckProcess(children, directory, work, weightBytes(directory), most).run(arguments);
    }

    private static long weightBytes(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".safetensors"))
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }

    /** Returns the problem of a model whose check has ended without a result. */
    private ModelException ended(Path directory, Path work, CheckProcess.Result result) throws IOException {
        String step = result.step();
        if (step == null) {
            throw new IOException("the check of a model did not start: " + result.errors());
        }
        log.warn("the check of {} ended at the step '{}': {}", directory.getFileName(), step, result.reason());
        String file = CheckMain.subject(step);
        String part = result.parts().isEmpty() ? null : guilty(directory, work, result.parts());
        String on = CheckMain.text(step);
        return new ModelException(
                part == null
                        ? file + " cannot be used: it " + result.reason() + on
                        : file + ": '" + part + "' cannot be used: the tokenizer " + result.reason() + on);
    }

    /** Returns the part of the tokenizer without which the check ends with a result; null if there is none. */
    private @Nullable String guilty(Path directory, Path work, List<String> parts) throws IOException {
        long end = System.nanoTime() + SEARCH.toNanos();
        for (String part : parts) {
            Duration left = Duration.ofNanos(end - System.nanoTime());
            if (!left.isNegative() && !left.isZero()) {
                Path copy = Files.createTempDirectory(work, "without");
                CheckProcess.Result without = run(directory, work, left, part, copy.toString());
                if (without.error() != null) {
                    return part;
                }
            }
        }
        return null;
    }
}
