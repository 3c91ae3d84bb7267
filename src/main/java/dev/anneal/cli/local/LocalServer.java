package dev.anneal.cli.local;

import dev.anneal.cli.http.Api;
import dev.anneal.cli.http.Call;
import dev.anneal.cli.http.Key;
import dev.anneal.cli.http.Target;
import dev.anneal.cli.terminal.Failure;
import dev.anneal.cli.terminal.Shell;
import dev.anneal.cli.terminal.Terminal;
import dev.anneal.text.Durations;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The server of a data directory on this machine: the one that runs, or one that is started now. */
public record LocalServer(URI uri, Path data, Optional<ProcessHandle> started) {
    private static final Duration START_TIMEOUT = Duration.ofMinutes(5);
    private static final int TAIL = 25;

    public static LocalServer findOrStart(String mainClass, int port, Path data)
            throws IOException, InterruptedException {
        Optional<ServerRecord> running = ServerRecord.find(data);
        if (running.isPresent()) {
            return new LocalServer(running.get().uri(), data, Optional.empty());
        }
        DataLock.requireFree(data); // before the log of that server is replaced
        URI uri = URI.create("http://127.0.0.1:" + port);
        return switch (Port.at(uri)) {
            case FREE -> new LocalServer(uri, data, Optional.of(ServerProcess.start(mainClass, port, data)));
            case OTHER ->
                throw new Failure("Another program listens on port " + port + ". Choose another port with --port.");
            case READY, NOT_READY -> new LocalServer(uri, data, Optional.empty());
        };
    }

    /** Waits until the server is ready, and returns the key of the data directory. */
    public Key awaitReady(Terminal terminal) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        if (!terminal.isLive() && started.isPresent()) {
            terminal.line("Starting the server");
        }
        while (Port.at(uri) != Port.READY) {
            Duration waited = Duration.ofNanos(System.nanoTime() - begin);
            if (started.isPresent() && !started.get().isAlive()) {
                throw new Failure(
                        "The server did not start. Its log, " + Shell.path(log()) + ", ends with:\n" + tail());
            }
            if (waited.compareTo(START_TIMEOUT) > 0) {
                throw new Failure("The server is not ready after " + START_TIMEOUT.toMinutes() + " minutes. See "
                        + Shell.path(log()) + ".");
            }
            terminal.live("Starting the server  " + terminal.dim(waited.toSeconds() + " s"));
            Thread.sleep(200);
        }
        Key key = acceptedKey();
        double seconds = (System.nanoTime() - begin) / 1e9;
        terminal.line("Server " + terminal.bold(uri.toString())
                + terminal.dim(
                        started.isPresent()
                                ? "   ready after " + Durations.seconds(seconds)
                                : "   was already running"));
        return key;
    }

    private Key acceptedKey() throws IOException, InterruptedException {
        try {
            Key key = Key.of(data);
            new Api(new Target(uri, key, Optional.empty()), curl -> {}).send(Call.get("/jobs?limit=1"));
            return key;
        } catch (Failure refused) {
            throw new Failure(
                    "The Anneal server on port " + uri.getPort() + " does not accept the key in " + Shell.path(data)
                            + ", so it has another data directory. Choose another --port, or give its --data.");
        }
    }

    private Path log() {
        return ServerProcess.log(data);
    }

    private String tail() throws IOException {
        List<String> lines = Files.readAllLines(log());
        return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL), lines.size()));
    }
}
