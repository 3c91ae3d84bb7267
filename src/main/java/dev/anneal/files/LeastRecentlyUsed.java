package dev.anneal.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The order in which files or directories of a cache are removed. Their time of modification is when they were last used. */
public final class LeastRecentlyUsed {
    /** Removes a path, or returns false if it must stay. */
    public interface Removal {
        boolean remove(Path path) throws IOException;
    }

    private record Entry(Path path, Instant used, long size) {
        /** Returns nothing if the path was removed meanwhile. */
        static Optional<Entry> of(Path path) {
            try {
                return Optional.of(
                        new Entry(path, Files.getLastModifiedTime(path).toInstant(), DurableFiles.size(path)));
            } catch (IOException | UncheckedIOException gone) {
                return Optional.empty();
            }
        }
    }

    private LeastRecentlyUsed() {}

    /** Marks a path as used now. Returns false if there is none. */
    public static boolean touch(Path path) throws IOException {
        try {
            Files.setLastModifiedTime(path, FileTime.from(Instant.now()));
            return true;
        } catch (NoSuchFileException none) {
            return false;
        }
    }

    /** Removes the least recently used of these paths, until the others have at most so many bytes together. */
    public static void shrink(List<Path> paths, long most, Removal removal) throws IOException {
        List<Entry> entries =
                paths.stream().map(Entry::of).flatMap(Optional::stream).toList();
        long excess = entries.stream().mapToLong(Entry::size).sum() - most;
        if (excess <= 0) {
            return;
        }
        for (Entry entry :
                entries.stream().sorted(Comparator.comparing(Entry::used)).toList()) {
            if (excess > 0 && removal.remove(entry.path())) {
                excess -= entry.size();
            }
        }
    }
}
