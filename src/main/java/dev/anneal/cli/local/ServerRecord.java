package dev.anneal.cli.local;

import dev.anneal.cli.terminal.Failure;
import dev.anneal.cli.terminal.Shell;
import dev.anneal.json.Json;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** A running server's address and process, which it writes to {@code <data>/server.json} so that other commands find it. */
public record ServerRecord(URI uri, ProcessHandle process) {
    private static final Duration CLOCK_ERROR = Duration.ofSeconds(5);

    /** Records this process as the server of a data directory, until it ends. */
    public static void write(Path data, URI uri) {
        ProcessHandle self = ProcessHandle.current();
        String json = Json.MAPPER
                .createObjectNode()
                .put("url", uri.toString())
                .put("pid", self.pid())
                .put(
                        "started_at",
                        self.info().startInstant().orElse(Instant.EPOCH).toString())
                .toString();
        try {
            Files.createDirectories(data);
            Path aside = Files.createTempFile(data, "server", ".json");
            Files.writeString(aside, json + "\n");
            Files.move(aside, file(data), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException unwritable) {
            throw unwritable(data);
        }
    }

    static Failure unwritable(Path data) {
        return new Failure("The data directory " + Shell.path(data)
                + " cannot be written. Change its permissions or choose another one with --data.");
    }

    /** Returns what the last server wrote about itself, in words. It may run where its process cannot be seen. */
    static Optional<String> last(Path data) {
        try {
            JsonNode json = read(data);
            return Optional.of(
                    json.path("url").asString() + ", pid " + json.path("pid").asLong() + ", since "
                            + json.path("started_at").asString());
        } catch (IOException | RuntimeException missingOrDamaged) {
            return Optional.empty();
        }
    }

    private static JsonNode read(Path data) throws IOException {
        return Json.MAPPER.readTree(Files.readString(file(data)));
    }

    /** Returns the server of a data directory if it is running. */
    public static Optional<ServerRecord> find(Path data) {
        try {
            JsonNode json = read(data);
            Instant started = Instant.parse(json.path("started_at").asString(""));
            URI uri = URI.create(json.path("url").asString(""));
            return ProcessHandle.of(json.path("pid").asLong(-1))
                    .filter(process -> isSame(process, started))
                    .map(process -> new ServerRecord(uri, process));
        } catch (IOException | RuntimeException missingOrDamaged) {
            return Optional.empty();
        }
    }

    /** A pid may belong to another process by now; the time at which the process started tells. */
    private static boolean isSame(ProcessHandle process, Instant started) {
        return process.isAlive()
                && process.info()
                        .startInstant()
                        .map(instant -> Duration.between(started, instant).abs().compareTo(CLOCK_ERROR) < 0)
                        .orElse(true);
    }

    /** Removes the record unless another running server has written it. */
    public static void forget(Path data) {
        try {
            if (find(data)
                    .map(server -> server.process().equals(ProcessHandle.current()))
                    .orElse(true)) {
                Files.deleteIfExists(file(data));
            }
        } catch (IOException undeletable) {
            // Whoever reads the record checks the process, too.
        }
    }

    private static Path file(Path data) {
        return data.resolve("server.json");
    }
}
