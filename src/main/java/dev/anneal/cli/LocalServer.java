package dev.anneal.cli;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The server of a data directory on this machine: one that already runs, or one started for the purpose. */
record LocalServer(URI uri, Path data, Optional<ServerProcess> started) {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final int TAIL = 25;

    static LocalServer find(String mainClass, int port, Path data) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + port);
        return switch (Port.at(uri)) {
            case FREE -> new LocalServer(uri, data, Optional.of(ServerProcess.start(mainClass, port, data)));
            case OTHER ->
                throw new Failure(
                        "Port " + port + " is taken by something that is not Anneal. Choose another with --port.");
            case READY, NOT_READY -> new LocalServer(uri, data, Optional.empty());
        };
    }

    /** Waits until the server takes work and accepts the key of the data directory. */
    Key awaitReady(Terminal terminal) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        if (!terminal.isLive() && started.isPresent()) {
            terminal.line("Starting the server");
        }
        while (Port.at(uri) != Port.READY) {
            Duration waited = Duration.ofNanos(System.nanoTime() - begin);
            if (started.isPresent() && !started.get().isAlive()) {
                ServerProcess.forget(data);
                throw new Failure("The server did not start. The end of " + ServerProcess.log(data) + ":\n" + tail());
            }
            if (waited.compareTo(PATIENCE) > 0) {
                throw new Failure("The server is not ready after " + PATIENCE.toMinutes() + " minutes; see "
                        + ServerProcess.log(data) + ".");
            }
            terminal.live("Starting the server  " + terminal.dim(waited.toSeconds() + " s"));
            Thread.sleep(200);
        }
        Key key = acceptedKey();
        double seconds = (System.nanoTime() - begin) / 1e9;
        terminal.line(started.map(process -> "Server " + terminal.bold(uri.toString())
                        + terminal.dim("   pid " + process.pid() + ", ready after " + Units.seconds(seconds)))
                .orElse("Server " + terminal.bold(uri.toString()) + terminal.dim("   was running already")));
        return key;
    }

    private Key acceptedKey() throws IOException, InterruptedException {
        try {
            Key key = Key.of(data);
            new Api(uri, key, curl -> {}).get("/jobs?limit=1");
            return key;
        } catch (Failure refused) {
            throw new Failure("Port " + uri.getPort() + " is taken by an Anneal server of another data directory, which"
                    + " does not accept the key of " + data + ". Choose another --port, or its --data.");
        }
    }

    private String tail() throws IOException {
        List<String> lines = Files.readAllLines(ServerProcess.log(data));
        return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL), lines.size()));
    }
}
