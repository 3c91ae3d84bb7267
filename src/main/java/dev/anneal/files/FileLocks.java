package dev.anneal.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Locks on files by which processes tell each other that they are alive. The system frees those of a killed process. */
public final class FileLocks {
    /** A lock that this process holds until it is closed or the process ends. */
    public static final class Held implements AutoCloseable {
        private final Path file;

        private Held(Path file) {
            this.file = file;
        }

        @Override
        public void close() throws IOException {
            synchronized (CHANNELS) {
                FileChannel channel = CHANNELS.remove(file);
                if (channel != null) {
                    channel.close();
                }
            }
        }
    }

    /** The locked files of this process. A second channel on one of them would free its lock when it is closed. */
    private static final Map<Path, FileChannel> CHANNELS = new HashMap<>();

    private FileLocks() {}

    /** Locks a file, which is created if needed. Returns nothing if it is locked, by another process or by this one. */
    public static Optional<Held> take(Path file) throws IOException {
        return take(file, false);
    }

    /** Locks a file together with others that share the lock. Returns nothing if it is locked by one that does not. */
    public static Optional<Held> share(Path file) throws IOException {
        return take(file, true);
    }

    private static Optional<Held> take(Path file, boolean shared) throws IOException {
        Path key = file.toAbsolutePath().normalize();
        synchronized (CHANNELS) {
            if (CHANNELS.containsKey(key)) {
                return Optional.empty();
            }
            FileChannel channel =
                    FileChannel.open(key, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
            FileLock lock = null;
            try {
                lock = channel.tryLock(0, Long.MAX_VALUE, shared);
            } finally {
                if (lock == null) {
                    channel.close();
                }
            }
            if (lock == null) {
                return Optional.empty();
            }
            CHANNELS.put(key, channel);
            return Optional.of(new Held(key));
        }
    }

    /** Returns whether a process holds the lock of a file. */
    public static boolean isTaken(Path file) throws IOException {
        if (!Files.exists(file)) {
            return false;
        }
        Optional<Held> free = take(file);
        if (free.isPresent()) {
            free.get().close();
        }
        return free.isEmpty();
    }
}
