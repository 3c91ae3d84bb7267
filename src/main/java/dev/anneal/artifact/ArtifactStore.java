package dev.anneal.artifact;

import java.nio.file.Path;

/** Stores directories of files by key. An artifact appears as a whole and never changes. */
public interface ArtifactStore {
    /** A local directory with the files of an artifact. They stay there until this is closed or the artifact is deleted. */
    record Held(Path directory, Runnable release) implements AutoCloseable {
        @Override
        public void close() {
            release.run();
        }
    }

    /**
     * Moves the files of a directory into the store. The directory is empty or gone afterwards; if this fails, it is unchanged.
     * An artifact that exists is not changed.
     */
    void put(String key, Path directory);

    boolean has(String key);

    /** Returns a local directory with the files, for reading only. Throws an {@link java.io.UncheckedIOException} if there is none. */
    Path get(String key);

    /** Does the same as {@link #get} for files that are read later, too. */
    default Held hold(String key) {
        return new Held(get(key), () -> {});
    }

    /** Deletes the artifact, if it exists. */
    void delete(String key);
}
