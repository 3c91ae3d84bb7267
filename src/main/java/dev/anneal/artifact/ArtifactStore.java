package dev.anneal.artifact;

import java.nio.file.Path;

/** Stores directories of files by key. An artifact appears as a whole and never changes. */
public interface ArtifactStore {
    /**
     * Moves the files of a directory into the store. The directory is empty or gone afterwards; if this fails, it is unchanged.
     * An artifact that exists is not changed.
     */
    void put(String key, Path directory);

    boolean has(String key);

    /** Returns a local directory with the files, for reading only. Throws an {@link java.io.UncheckedIOException} if there is none. */
    Path get(String key);

    /** Deletes the artifact, if it exists. */
    void delete(String key);
}
