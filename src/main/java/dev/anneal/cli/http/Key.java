package dev.anneal.cli.http;

import dev.anneal.cli.terminal.Failure;
import dev.anneal.cli.terminal.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The secret of a key, and the shell expression that is shown in place of it. */
public record Key(String secret, String shell) {
    public static Key given(String secret) {
        return new Key(secret, "$ANNEAL_KEY");
    }

    public static Key of(Path data) {
        Path file = data.resolve("admin.key");
        try {
            return new Key(Files.readString(file).strip(), "$(cat " + Shell.path(file) + ")");
        } catch (IOException unreadable) {
            throw new Failure(
                    "There is no key in " + file + ". Start a server, or give --key or the server's --data directory.");
        }
    }

    @Override
    public String toString() {
        return shell;
    }
}
