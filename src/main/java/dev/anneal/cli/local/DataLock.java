package dev.anneal.cli.local;

import dev.anneal.cli.terminal.Failure;
import dev.anneal.cli.terminal.Shell;
import dev.anneal.files.FileLocks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The lock of a data directory, which a server takes before it touches anything there. A server with an embedded Postgres takes
 * it alone. Servers with another Postgres can share a directory.
 */
public final class DataLock {
    private DataLock() {}

    /** Returns the lock, or null if the file system has none, such as NFS without its lock service. */
    public static FileLocks.@Nullable Held take(Path data, boolean embedded) {
        Optional<FileLocks.Held> lock;
        try {
            Files.createDirectories(data);
            lock = embedded ? FileLocks.take(file(data)) : FileLocks.share(file(data));
        } catch (IOException failed) {
            if (Files.exists(file(data)) && Files.isWritable(file(data))) {
                return null;
            }
            throw ServerRecord.unwritable(data);
        }
        return lock.orElseThrow(() -> taken(data));
    }

    /** Throws if a server holds the directory. */
    static void requireFree(Path data) throws IOException {
        if (FileLocks.isTaken(file(data))) {
            throw taken(data);
        }
    }

    /** Returns the failure that says which server holds the directory. */
    public static Failure taken(Path data) {
        return new Failure("A server already runs on " + Shell.path(data)
                + ServerRecord.last(data).map(holder -> ": " + holder).orElse("") + ". Stop it with `"
                + Shell.local("stop", data) + "`, or choose another directory with --data.");
    }

    private static Path file(Path data) {
        return data.resolve("server.lock");
    }
}
