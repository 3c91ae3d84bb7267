package dev.anneal.dataset.unpack;

import java.nio.file.Path;

/**
 * The limits of a reader of a file that is not text.
 *
 * @param maxRow characters of a row
 * @param directory for temporary files
 */
public record ReaderLimits(long maxRow, UnpackLimit unpack, Path directory) {}
