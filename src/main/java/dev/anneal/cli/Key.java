package dev.anneal.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The secret that opens the server, and the shell expression that stands for it wherever a command is shown. */
record Key(String secret, String shell) {
    static Key given(String secret) {
        return new Key(secret, "$ANNEAL_KEY");
    }

    static Key of(Path data) {
        Path file = data.resolve("admin.key");
        try {
            return new Key(Files.readString(file).strip(), "$(cat " + Shell.path(file) + ")");
        } catch (IOException unreadable) {
            throw new Failure("No key: " + file + " cannot be read. Give --key, set ANNEAL_KEY, or name the server's"
                    + " data directory with --data.");
        }
    }

    @Override
    public String toString() {
        return shell;
    }
}
