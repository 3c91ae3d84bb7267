package dev.anneal.artifact;

import java.nio.file.Path;

/** Keeps directories of files under a key. What a key names is there whole or not at all, and never changes. */
public interface ArtifactStore {
    /**
     * Takes over the files of a directory, which is empty or gone afterwards; where this fails, they are still there. A key
     * that exists is left as it is.
     */
    void put(String key, Path directory);

    boolean has(String key);

    /** A local directory with the files of the key, to be read only; an {@link java.io.UncheckedIOException} where there is none. */
    Path get(String key);

    /** Forgets the key; nothing happens where there is none. */
    void delete(String key);
}
