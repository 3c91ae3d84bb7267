package dev.anneal.files;

import dev.anneal.text.Ids;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
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
 * no other. Some file systems that hosts share do not share locks, so it removes those of another host only if they are old.
 */
public final class ProcessDirectory implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ProcessDirectory.class);
    private static final String LOCK = ".lock";
    private static final String HOST = host();

    /** The names that processes of earlier versions gave to their temporary files, without a lock. */
    private static final Pattern EARLIER = Pattern.compile("(put|delete|get|evicted|upload|check|base)\\d+|publish");

    private final Path directory;
    private FileLocks.@Nullable Held held;

    private ProcessDirectory(Path directory) {
        this.directory = directory;
    }

    /** Returns a directory that does not exist before its first use, and removes those of killed processes. */
    public static ProcessDirectory in(Path shared) {
        sweep(shared);
        return new ProcessDirectory(shared.resolve(HOST + "-"
                + ProcessHandle.current().pid() + "-" + Ids.next("own").substring("own_".length())));
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

    private static Path directory(Path lock) {
        String name = lock.getFileName().toString();
        return lock.resolveSibling(name.substring(0, name.length() - LOCK.length()));
    }

    private static void sweep(Path shared) {
        if (!Files.isDirectory(shared)) {
            return;
        }
        try (Stream<Path> all = Files.list(shared)) {
            for (Path path : all.toList()) {
                if (path.toString().endsWith(LOCK)) {
                    Path directory = directory(path);
                    boolean isOfThisHost = path.getFileName().toString().startsWith(HOST + "-");
                    if (isOfThisHost || isOld(Files.exists(directory) ? directory : path)) {
                        removeIfKilled(path, directory);
                    }
                } else if (EARLIER.matcher(path.getFileName().toString()).matches() && isOld(path)) {
                    DurableFiles.delete(path);
                }
            }
        } catch (IOException next) {
            log.warn("cannot remove the files of killed processes in {}: {}", shared, next.getMessage());
        }
    }

    /** Returns the name of this host, as a part of a file's name. */
    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName().replaceAll("[^A-Za-z0-9.]", "_");
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }

    private static boolean isOld(Path path) throws IOException {
        return Files.getLastModifiedTime(path)
                .toInstant()
                .isBefore(Instant.now().minus(Duration.ofDays(2)));
    }

    private static void removeIfKilled(Path lock, Path directory) throws IOException {
        Optional<FileLocks.Held> free = FileLocks.take(lock);
        if (free.isEmpty()) {
            return; // its process lives
        }
        try (FileLocks.Held held = free.get()) {
            if (Files.exists(directory)) {
                log.info("removing {}, which a killed process left", directory);
                DurableFiles.delete(directory);
            }
            Files.deleteIfExists(lock);
        }
    }
}
