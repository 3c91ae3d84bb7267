package dev.anneal.child;

import dev.anneal.transformer.check.EngineMain;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Loads libtorch in a child process, as trainers do, and computes with it. */
public final class EngineProbe {
    private static final String HEAP = "256m";
    private static final int MAX_OUTPUT = 64 << 10;

    private EngineProbe() {}

    /** Returns why a device cannot be used; nothing if it can. */
    public static Optional<String> problem(ChildJvm children, String device) throws IOException {
        Process process = children.process(children.command(EngineMain.class.getName(), HEAP, device), device)
                .redirectErrorStream(true)
                .start();
        try {
            String output = new String(process.getInputStream().readNBytes(MAX_OUTPUT), StandardCharsets.UTF_8);
            process.waitFor(10, TimeUnit.SECONDS);
            return output.contains(EngineMain.COMPUTED) ? Optional.empty() : Optional.of(reason(output, process));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of("the check was interrupted");
        } finally {
            process.destroyForcibly();
        }
    }

    private static String reason(String output, Process process) {
        return output.lines()
                .filter(line -> line.startsWith(EngineMain.FAILED))
                .map(line -> line.substring(EngineMain.FAILED.length()))
                .findFirst()
                .orElseGet(() -> process.isAlive()
                        ? "the process does not end"
                        : "the process ended with exit code " + process.exitValue());
    }
}
