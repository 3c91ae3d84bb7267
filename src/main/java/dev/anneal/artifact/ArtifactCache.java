package dev.anneal.artifact;

import dev.anneal.files.DurableFiles;
import dev.anneal.files.LeastRecentlyUsed;
import dev.anneal.files.ProcessDirectory;
import dev.anneal.local.DataDirectory;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.FileSystemUtils;

/**
 * Local copies of artifacts. Each is a directory that appears with one rename, so that several processes can share the cache.
 * If the cache is too large, the least recently used copies are removed, but not recent ones, nor those that are held, nor
 * those that the specification of a running trainer names.
 */
final class ArtifactCache {
    private static final Logger log = LoggerFactory.getLogger(ArtifactCache.class);

    /** Fills a directory. */
    interface Download {
        void into(Path directory) throws IOException;
    }

    private final Path copies;
    private final ProcessDirectory incoming;
    private final Path work;
    private final CacheSettings settings;
    private final List<ReentrantLock> locks =
            IntStream.range(0, 64).mapToObj(i -> new ReentrantLock()).toList();

    /** The number of holders of each copy in this process. */
    private final Map<Path, Integer> held = new ConcurrentHashMap<>();

    ArtifactCache(DataDirectory data, CacheSettings settings) {
        this.copies = data.directory("cache/artifacts");
        this.incoming = ProcessDirectory.in(data.directory("cache/incoming"));
        this.work = data.directory("work");
        this.settings = settings;
    }

    /** Returns the copy, and downloads it first if there is none. Concurrent calls in this process download it once. */
    Path get(String key, Download download) throws IOException {
        Path copy = path(key);
        if (LeastRecentlyUsed.touch(copy)) {
            return copy;
        }
        ReentrantLock lock = locks.get(Math.floorMod(key.hashCode(), locks.size()));
        lock.lock();
        try {
            if (!LeastRecentlyUsed.touch(copy)) {
                Path aside = Files.createTempDirectory(incoming.path(), "get");
                try {
                    download.into(aside);
                    adopt(aside, copy);
                } finally {
                    FileSystemUtils.deleteRecursively(aside);
                }
                evict();
            }
            return copy;
        } finally {
            lock.unlock();
        }
    }

    /** Keeps a copy, which may not exist yet, until the result is run. */
    Runnable hold(String key) {
        Path copy = path(key);
        held.merge(copy, 1, Integer::sum);
        AtomicBoolean released = new AtomicBoolean();
        return () -> {
            if (released.compareAndSet(false, true)) {
                held.computeIfPresent(copy, (same, count) -> count == 1 ? null : Integer.valueOf(count - 1));
            }
        };
    }

    /** Marks the copies that are held as used now. */
    void touchHeld() throws IOException {
        for (Path copy : held.keySet()) {
            LeastRecentlyUsed.touch(copy);
        }
    }

    /** Adds a directory that was just uploaded, so that it need not be downloaded. The directory is gone afterwards. */
    void keep(String key, Path directory) throws IOException {
        try {
            adopt(directory, path(key));
        } catch (IOException otherDisk) {
            log.debug("cannot keep a copy of {}: {}", key, otherDisk.getMessage());
        }
        FileSystemUtils.deleteRecursively(directory);
        evict();
    }

    void close() throws IOException {
        incoming.close();
    }

    void forget(String key) throws IOException {
        remove(path(key));
    }

    private void adopt(Path directory, Path copy) throws IOException {
        DurableFiles.force(directory);
        Files.setLastModifiedTime(directory, FileTime.from(Instant.now()));
        try {
            Files.move(directory, copy, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            if (!Files.isDirectory(copy)) { // another process may have been faster
                throw e;
            }
        }
        DurableFiles.forceOne(copies);
    }

    private synchronized void evict() throws IOException {
        List<Path> all;
        try (Stream<Path> paths = Files.list(copies)) {
            all = paths.toList();
        }
        StringBuilder specifications = new StringBuilder(); // read for the first copy that may go
        LeastRecentlyUsed.shrink(all, settings.maxSize().toBytes(), copy -> {
            if (specifications.isEmpty()) {
                specifications.append(specifications());
            }
            // A trainer that starts after the specifications were read has just used its copy.
            if (held.containsKey(copy) || !isIdle(copy) || specifications.indexOf(copy.toString()) >= 0) {
                return false;
            }
            log.info("removing the copy {}", copy.getFileName());
            remove(copy);
            return true;
        });
    }

    private boolean isIdle(Path copy) throws IOException {
        try {
            return Files.getLastModifiedTime(copy)
                    .toInstant()
                    .isBefore(Instant.now().minus(settings.idle()));
        } catch (NoSuchFileException gone) {
            return false;
        }
    }

    /** Returns the text of all specifications, because a trainer may read its base model again after days. */
    private String specifications() throws IOException {
        StringBuilder text = new StringBuilder();
        try (Stream<Path> found = Files.find(work, 3, (path, is) -> path.endsWith("placement.json"))) {
            for (Path spec : found.toList()) {
                text.append(Files.readString(spec)).append('\n');
            }
        } catch (NoSuchFileException | java.io.UncheckedIOException aJobEnded) {
            return specifications();
        }
        return text.toString();
    }

    private void remove(Path copy) throws IOException {
        Path aside = Files.createTempDirectory(incoming.path(), "evicted");
        try {
            Files.move(copy, aside, StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException none) {
            // there is nothing to remove
        }
        FileSystemUtils.deleteRecursively(aside);
    }

    /** Returns a path with one level, because keys may contain slashes. */
    private Path path(String key) {
        return copies.resolve(URLEncoder.encode(key, StandardCharsets.UTF_8));
    }
}
