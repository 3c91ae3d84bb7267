package dev.anneal.worker;

import dev.anneal.json.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** A trainer that is a child of this process, which holds its standard input: it dies with us. */
final class TrainerProcess implements RunningTrainer {
    private static final int TAIL = 20;
    private static final int MAX_LINE = 10_000;

    private final Process process;
    private final OptionalLong memoryKills = MemoryKills.count();
    private final Deque<String> tail = new ArrayDeque<>();

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
                JsonNode node = parse(line);
                if (node == null) {
                    logLine.accept(line); // native code can write where it likes
                } else {
                    event.accept(node.path("type").asString(), node.path("data"));
                }
            }
        } catch (IOException | RuntimeException fault) {
            kill(); // nobody listens to it any more
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

    /** By a line on its standard input: signals are not its own. */
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
                String shown = line.length() > MAX_LINE ? line.substring(0, MAX_LINE) : line;
                synchronized (tail) {
                    tail.addLast(shown);
                    if (tail.size() > TAIL) {
                        tail.removeFirst();
                    }
                }
                logLine.accept(shown);
            }
        } catch (IOException ended) {
            // the process is gone
        }
    }

    @Override
    public List<String> tail() {
        synchronized (tail) {
            return new ArrayList<>(tail);
        }
    }

    /** Null where the line is no event. */
    private static JsonNode parse(String line) {
        try {
            JsonNode node = Json.MAPPER.readTree(line);
            return node.isObject() ? node : null;
        } catch (JacksonException e) {
            return null;
        }
    }

    private static BufferedReader reader(InputStream in) {
        return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    }
}
