package dev.anneal.model.check;

import dev.anneal.child.ChildJvm;
import dev.anneal.child.ProcessMemory;
import dev.anneal.json.Json;
import dev.anneal.text.Visible;
import dev.anneal.transformer.ModelFiles;
import dev.anneal.transformer.check.CheckMain;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/** One run of {@link CheckMain}, ended if it exceeds its time or memory. */
final class CheckProcess {
    private static final Logger log = LoggerFactory.getLogger(CheckProcess.class);
    private static final String HEAP = "1g";
    private static final long MIB = 1 << 20;
    private static final long BASE_BYTES = 2048 * MIB;
    private static final long LARGE_BYTES = 256 * MIB;
    private static final long STEP_SECONDS = 30;
    private static final Path NICE = Path.of("/usr/bin/nice");
    private static final long BYTES_PER_SECOND = 10 * MIB;
    /** The steps that read all weights: their headers and hash, the search for NaN, a batch. */
    private static final int WEIGHT_STEPS = 3;

    private static final int MAX_ERRORS = 16 << 10;
    private static final int MAX_REASON = 200;
    private static final Pattern PANIC = Pattern.compile("panicked at (?:'([^\\n]*)',|[^\\n]*:\\n([^\\n]*))");
    private static final Pattern ALLOCATION = Pattern.compile("memory allocation of \\d+ bytes failed");
    private static final int SIGKILL = 128 + 9;
    private static final int BUSY = 10;

    /**
     * The end of a check: the facts about the model, an error, or else the reason why the process ended at its last step.
     * {@code parts} are those of the tokenizer if that was the last file.
     */
    record Result(
            @Nullable ModelFiles model,
            @Nullable String error,
            @Nullable String step,
            List<String> parts,
            String reason,
            String errors) {}

    private final ChildJvm children;
    private final Path directory;
    private final Path work;
    private final long weightBytes;
    private final long maxBytes;
    private final long maxStepNanos;
    /** The bound of all steps together. */
    private final long maxNanos;

    private boolean isLate;
    private volatile @Nullable String step;
    private volatile long stepBegan = System.nanoTime();
    private volatile long computedBefore;
    private volatile List<String> parts = List.of();
    private volatile @Nullable ModelFiles model;
    private volatile @Nullable String error;

    /**
     * @param most the longest time of all steps together, without the time that the weights need
     */
    CheckProcess(ChildJvm children, Path directory, Path work, long weightBytes, Duration most) {
        this.children = children;
        this.directory = directory;
        this.work = work;
        this.weightBytes = weightBytes;
        // Weights of 16 bits become fp32, and are copied once.
        this.maxBytes = BASE_BYTES + 5 * weightBytes;
        long weightNanos = TimeUnit.SECONDS.toNanos(weightBytes / BYTES_PER_SECOND);
        this.maxStepNanos = TimeUnit.SECONDS.toNanos(STEP_SECONDS) + weightNanos;
        this.maxNanos = most.toNanos() + WEIGHT_STEPS * weightNanos;
    }

    Result run(String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of(directory.toAbsolutePath().toString()));
        all.addAll(List.of(arguments));
        List<String> command =
                new ArrayList<>(children.command(CheckMain.class.getName(), HEAP, all.toArray(String[]::new)));
        if (weightBytes > LARGE_BYTES) {
            command.remove("-XX:TieredStopAtLevel=1"); // hashes of large files need the second compiler
        }
        command.addAll(1, List.of("-XX:ErrorFile=/dev/null", "-XX:-CreateCoredumpOnCrash"));
        if (Files.isExecutable(NICE)) {
            command.addAll(0, List.of(NICE.toString(), "-n", "5")); // calls of models come first
        }
        Path errors = Files.createTempFile(work, "errors", ".txt");
        Process process = children.process(command, "cpu")
                .directory(work.toFile())
                .redirectError(errors.toFile())
                .start();
        Thread reader = new Thread(() -> read(process), "check-output");
        reader.setDaemon(true);
        reader.start();
        try {
            String stopped = await(process);
            reader.join();
            String text = tail(errors);
            if (error != null && !text.isBlank()) {
                log.info("the check of {} reports: {}", directory.getFileName(), Visible.of(text, 2000));
            }
            if (stopped == null && process.exitValue() == SIGKILL) {
                throw new CheckKilledException();
            }
            String reason = stopped != null ? stopped : reason(process.exitValue(), text);
            String last = step;
            // The step at which the time of all of them ends is not the cause, and neither is a part of the tokenizer.
            return isLate && last != null
                    ? new Result(model, error, last.split(": ", 2)[0], List.of(), reason, Visible.of(text, 2000))
                    : new Result(model, error, last, parts, reason, Visible.of(text, 2000));
        } catch (InterruptedException e) {
            throw interrupted();
        } finally {
            process.destroyForcibly();
        }
    }

    /** Returns what a thread throws that was interrupted while it waited for a check. */
    static InterruptedIOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("the check of a model was interrupted");
    }

    /** Waits for the end, and returns why the process was ended; null if it ended by itself. */
    private @Nullable String await(Process process) throws InterruptedException {
        long began = System.nanoTime();
        while (!process.waitFor(100, TimeUnit.MILLISECONDS)) {
            isLate = step != null && isOver(maxNanos, began, computed(process));
            String reason = isLate || isOver(maxStepNanos, stepBegan, computed(process) - computedBefore)
                    ? "needs more than " + TimeUnit.NANOSECONDS.toSeconds(isLate ? maxNanos : maxStepNanos) + " seconds"
                    : ProcessMemory.withoutFiles(process.pid()) > maxBytes
                            ? "needs more than " + maxBytes / MIB + " MiB of memory"
                            : null;
            if (reason != null) {
                process.destroyForcibly().waitFor();
                return reason;
            }
        }
        return null;
    }

    /** Returns whether a time has passed, on a processor, too, or far more than it: the machine may be busy. */
    private static boolean isOver(long most, long began, long computed) {
        long passed = System.nanoTime() - began;
        return passed > BUSY * most || passed > most && computed > most / 2;
    }

    private static long computed(Process process) {
        return process.info().totalCpuDuration().map(Duration::toNanos).orElse(Long.MAX_VALUE / 2);
    }

    private void read(Process process) {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("{")) {
                    take(process, Json.read(line, CheckMain.Line.class));
                }
            }
        } catch (IOException | JacksonException e) {
            log.warn("cannot read the output of a check", e);
        }
    }

    private void take(Process process, CheckMain.Line line) {
        if (line.step() != null) {
            boolean sameFile = step != null && line.step().startsWith(step.split(": ", 2)[0]);
            parts = sameFile ? parts : List.of();
            step = line.step();
            stepBegan = System.nanoTime();
            computedBefore = computed(process);
        } else if (line.parts() != null) {
            parts = line.parts();
        } else if (line.model() != null) {
            model = line.model();
        } else {
            error = line.error();
        }
    }

    private static String reason(int exit, String errors) {
        Matcher panic = PANIC.matcher(errors);
        if (panic.find()) {
            String words = panic.group(1) != null ? panic.group(1) : panic.group(2);
            return "fails with \"" + Visible.of(words, MAX_REASON) + "\"";
        } else if (ALLOCATION.matcher(errors).find()) {
            return "needs too much memory";
        }
        return "ends the process that reads it (exit code " + exit + ")";
    }

    private static String tail(Path errors) {
        try (var file = Files.newByteChannel(errors)) {
            file.position(Math.max(0, file.size() - MAX_ERRORS));
            var bytes = java.nio.ByteBuffer.allocate(MAX_ERRORS);
            while (bytes.hasRemaining() && file.read(bytes) >= 0) {}
            return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }
}
