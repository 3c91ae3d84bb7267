package dev.anneal.worker.executor;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/** A trainer that runs as a child process. It ends with this process, which holds its standard input. */
final class TrainerProcess implements RunningTrainer {
    private final Process process;
    private final OptionalLong memoryKills = MemoryKills.count();
    private final TrainerOutput output = new TrainerOutput();

    TrainerProcess(ProcessBuilder command) throws IOException {
        this.process = command.start();
    }

    @Override
    public int follow(BiConsumer<String, JsonNode> event, Consumer<String> logLine) throws IOException {
        Thread log = new Thread(() -> readLog(logLine), "trainer-log");
        log.setDaemon(true);
        log.start();
        try (BufferedReader lines = reader(process.getInputStream())) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode node = TrainerOutput.event(line);
                if (node == null) {
                    logLine.accept(line); // native code also writes to standard output
                } else {
                    event.accept(node.path("type").asString(), node.path("data"));
                }
            }
        } catch (IOException | RuntimeException fault) {
            kill(); // its output is no longer read
            throw fault;
        }
        try {
            int exit = process.waitFor();
            log.join();
            return exit;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** Writes a line to its standard input, because a signal to the worker also reaches its child processes. */
    @Override
    public void stop() {
        try {
            process.getOutputStream().write("stop\n".getBytes(StandardCharsets.US_ASCII));
            process.getOutputStream().flush();
        } catch (IOException ended) {
            // there is nothing to stop
        }
    }

    @Override
    public void kill() {
        process.destroyForcibly();
    }

    @Override
    public boolean mayHaveRunOutOfMemory() {
        return memoryKills.isEmpty() || !memoryKills.equals(MemoryKills.count());
    }

    private void readLog(Consumer<String> logLine) {
        try (BufferedReader lines = reader(process.getErrorStream())) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                logLine.accept(output.log(line));
            }
        } catch (IOException ended) {
            // the process is gone
        }
    }

    @Override
    public List<String> tail() {
        return output.tail();
    }

    private static BufferedReader reader(InputStream in) {
        return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    }
}
