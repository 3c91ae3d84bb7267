package dev.anneal.files;

import dev.anneal.text.Ids;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Files that processes make once and share, in one directory for each owner, with a limit for all together. Each process gets a
 * separate link, so that nothing is lost if the file is removed here. While a process makes a file, others that want the same wait.
 *
 * @param maxBytes above it the least recently used files are removed
 */
public record SharedFiles(Path directory, long maxBytes) {
    private static final String SUFFIX = ".shared";
    private static final String LOCK = ".lock";
    private static final String PART = "part";
    private static final long POLL_MILLIS = 100;

    /** Makes a file. */
    public interface Make {
        void at(Path file) throws IOException;
    }

    /** Opens a file. Throws an {@link IOException} if it is damaged. */
    public interface Open<T> {
        T file(Path file) throws IOException;
    }

    /** A receiver of what its user may want to know. */
    public interface Listener {
        /** The file cannot be shared, which does no harm. */
        void cannotShare(IOException reason);

        /** Another process makes the file. */
        default void waits() {}
    }

    /** An open file, and whether it was shared before. */
    public record Got<T>(T open, boolean isShared) {}

    /**
     * Puts a file at {@code own} and opens it: the shared one, or if there is none or a damaged one, a file that {@code make} makes
     * and that is shared then.
     */
    public <T> Got<T> get(String owner, String name, Path own, Make make, Open<T> open, Listener listener)
            throws IOException {
        Path file = directory.resolve(owner).resolve(name + SUFFIX);
        Optional<T> found = find(file, own, open);
        if (found.isPresent()) {
            return new Got<>(found.get(), true);
        }
        Optional<FileLocks.Held> lock = lock(file, listener);
        try {
            found = find(file, own, open); // another process may have made it meanwhile
            if (found.isPresent()) {
                return new Got<>(found.get(), true);
            }
            make.at(own);
            T made = open.file(own);
            try {
                share(own, file);
                LeastRecentlyUsed.touch(file); // the file that was just made goes last
                shrink();
            } catch (IOException reason) {
                listener.cannotShare(reason);
            } catch (UncheckedIOException reason) {
                listener.cannotShare(new IOException(reason.getMessage(), reason));
            }
            return new Got<>(made, false);
        } finally {
            if (lock.isPresent()) {
                Files.deleteIfExists(lockOf(file));
                lock.get().close();
            }
        }
    }

    private static <T> Optional<T> find(Path file, Path own, Open<T> open) throws IOException {
        Files.deleteIfExists(own);
        try {
            linkOrCopy(file, own);
            LeastRecentlyUsed.touch(file);
        } catch (IOException noneOrUnreadable) {
            Files.deleteIfExists(own);
            return Optional.empty();
        }
        try {
            return Optional.of(open.file(own));
        } catch (IOException damaged) {
            Files.deleteIfExists(file);
            Files.deleteIfExists(own);
            return Optional.empty();
        }
    }

    private static void linkOrCopy(Path file, Path to) throws IOException {
        try {
            Files.createLink(to, file);
        } catch (NoSuchFileException none) {
            throw none;
        } catch (UnsupportedOperationException | FileSystemException noLinks) {
            Files.copy(file, to);
        }
    }

    private static Path lockOf(Path file) {
        return file.resolveSibling(file.getFileName() + LOCK);
    }

    /** Waits until no other process makes the file. Returns nothing if the file system has no locks. */
    private static Optional<FileLocks.Held> lock(Path file, Listener listener) {
        try {
            for (int tries = 0; ; tries++) {
                Files.createDirectories(file.getParent());
                Optional<FileLocks.Held> lock = FileLocks.take(lockOf(file));
                if (lock.isPresent()) {
                    return lock;
                }
                if (tries == 0) {
                    listener.waits();
                }
                Thread.sleep(POLL_MILLIS);
            }
        } catch (IOException noLocks) {
            return Optional.empty(); // then two may make the same file, and the last one replaces the other's
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    private static void share(Path own, Path file) throws IOException {
        Path part = file.resolveSibling(Ids.next(PART));
        try {
            linkOrCopy(own, part);
            DurableFiles.forceOne(part); // a loss of power must not leave the name of a file without its content
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    /** Removes what exceeds the limit, which may be smaller than when it was made, and what killed processes left. */
    public void sweep() throws IOException {
        if (!Files.isDirectory(directory)) {
            return;
        }
        try {
            shrink();
            for (Path file : files()) {
                if (file.toString().endsWith(LOCK)) {
                    removeIfFree(file);
                } else if (file.getFileName().toString().startsWith(PART) && isOld(file)) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (UncheckedIOException changed) {
            throw changed.getCause(); // an owner was removed meanwhile
        }
    }

    /** Removes what exceeds the limit. */
    private void shrink() throws IOException {
        List<Path> shared = files().stream()
                .filter(file -> file.toString().endsWith(SUFFIX))
                .toList();
        LeastRecentlyUsed.shrink(shared, maxBytes, file -> {
            Files.deleteIfExists(file);
            return true;
        });
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> found = Files.find(directory, 2, (path, is) -> is.isRegularFile())) {
            return found.toList();
        }
    }

    /** Removes a lock that no process holds. One that is just taking it locks a file without a name, which does no harm. */
    private static void removeIfFree(Path lock) throws IOException {
        Optional<FileLocks.Held> free = FileLocks.take(lock);
        if (free.isPresent()) {
            Files.deleteIfExists(lock);
            free.get().close();
        }
    }

    private static boolean isOld(Path file) {
        try {
            return Files.getLastModifiedTime(file)
                    .toInstant()
                    .isBefore(Instant.now().minus(Duration.ofHours(1)));
        } catch (IOException gone) {
            return false;
        }
    }

    /** Returns the owners of files. */
    public List<String> owners() throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> owners = Files.list(directory)) {
            return owners.map(owner -> owner.getFileName().toString()).toList();
        }
    }

    /** Removes the files of an owner. */
    public void remove(String owner) throws IOException {
        DurableFiles.delete(directory.resolve(owner));
    }
}
