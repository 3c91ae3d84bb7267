package dev.anneal.files;

import dev.anneal.text.Ids;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory for the temporary files of this process, below one that several processes may share. While the process lives, it
 * holds the lock of a file beside the directory. The next process that starts removes the directories of killed processes, and
 * no other.
 */
public final class OwnDirectory implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(OwnDirectory.class);
    private static final String LOCK = ".lock";

    /** The names that processes of earlier versions gave to their temporary files, without a lock. */
    private static final Pattern EARLIER = Pattern.compile("(put|delete|get|evicted|upload|check|base)\\d+|publish");

    private final Path directory;
    private FileLocks.@Nullable Held held;

    private OwnDirectory(Path directory) {
        this.directory = directory;
    }

    /** Returns a directory that does not exist before its first use, and removes those of killed processes. */
    public static OwnDirectory in(Path shared) {
        sweep(shared);
        return new OwnDirectory(shared.resolve(
                ProcessHandle.current().pid() + "-" + Ids.next("own").substring("own_".length())));
    }

    /** Returns the directory, which exists now. */
    public synchronized Path path() throws IOException {
        Path lock = lock(directory);
        if (!Files.exists(lock)) { // before the first use, or because all that is shared was removed
            Files.createDirectories(directory.getParent());
            closeLock();
            acquire(lock);
        }
        return Files.createDirectories(directory);
    }

    private void acquire(Path lock) throws IOException {
        try {
            while (held == null || !Files.exists(lock)) { // a process that starts may just look at it, and remove it
                closeLock();
                held = FileLocks.take(lock).orElse(null);
            }
        } catch (IOException failed) {
            if (!Files.exists(lock)) {
                throw failed;
            }
            // No process can remove the directory either.
            log.warn(
                    "the file system has no locks, so what a killed process leaves in {} stays", directory.getParent());
        }
    }

    /** Removes the directory. */
    @Override
    public synchronized void close() throws IOException {
        DurableFiles.delete(directory);
        Files.deleteIfExists(lock(directory));
        closeLock();
    }

    private void closeLock() throws IOException {
        if (held != null) {
            held.close();
            held = null;
        }
    }

    private static Path lock(Path directory) {
        return directory.resolveSibling(directory.getFileName() + LOCK);
    }

    private static void sweep(Path shared) {
        if (!Files.isDirectory(shared)) {
            return;
        }
        try (Stream<Path> all = Files.list(shared)) {
            for (Path path : all.toList()) {
                if (path.toString().endsWith(LOCK)) {
                    removeIfKilled(path);
                } else if (EARLIER.matcher(path.getFileName().toString()).matches() && isOld(path)) {
                    DurableFiles.delete(path);
                }
            }
        } catch (IOException next) {
            log.warn("cannot remove the files of killed processes in {}: {}", shared, next.getMessage());
        }
    }

    private static boolean isOld(Path path) throws IOException {
        return Files.getLastModifiedTime(path)
                .toInstant()
                .isBefore(Instant.now().minus(Duration.ofDays(2)));
    }

    private static void removeIfKilled(Path lock) throws IOException {
        Optional<FileLocks.Held> free = FileLocks.take(lock);
        if (free.isEmpty()) {
            return; // its process lives
        }
        try (FileLocks.Held held = free.get()) {
            String name = lock.getFileName().toString();
            Path directory = lock.resolveSibling(name.substring(0, name.length() - LOCK.length()));
            if (Files.exists(directory)) {
                log.info("removing {}, which a killed process left", directory);
                DurableFiles.delete(directory);
            }
            Files.deleteIfExists(lock);
        }
    }
}
