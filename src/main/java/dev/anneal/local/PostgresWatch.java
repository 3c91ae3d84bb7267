package dev.anneal.local;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

/**
 * Stops the embedded Postgres if this process ends without doing so, because it is killed or its memory runs out. A shell waits
 * for the end of its input, which the system closes with this process.
 */
final class PostgresWatch implements AutoCloseable {
    /** A line says that the Postgres is being stopped. Another process may have the number of a Postgres that has ended. */
    private static final String SCRIPT = """
            trap '' HUP INT TERM
            read -r stopping && exit
            if [ -d /proc/self ]; then tr '\\000' ' ' <"/proc/$1/cmdline"; else ps -o args= -p "$1"; fi 2>/dev/null |
                grep -qF -- "$2" && kill -INT "$1"
            """;

    private final Process shell;

    private PostgresWatch(Process shell) {
        this.shell = shell;
    }

    /** Watches the Postgres that runs with this cluster. */
    static PostgresWatch start(Path cluster) throws IOException {
        String pid =
                Files.readAllLines(cluster.resolve("postmaster.pid")).get(0).strip();
        return new PostgresWatch(
                new ProcessBuilder("sh", "-c", SCRIPT, "anneal-postgres-watch", pid, cluster.toString())
                        .redirectOutput(Redirect.DISCARD)
                        .redirectError(Redirect.DISCARD)
                        .start());
    }

    /** Completes when the shell has ended. */
    CompletableFuture<Process> end() {
        return shell.onExit();
    }

    @Override
    public void close() throws IOException {
        try (OutputStream input = shell.getOutputStream()) {
            input.write('\n');
        }
    }
}
