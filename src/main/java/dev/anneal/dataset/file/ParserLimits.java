package dev.anneal.dataset.file;

import dev.anneal.dataset.unpack.ReaderLimits;
import dev.anneal.dataset.unpack.UnpackLimit;
import java.nio.file.Path;

/**
 * The limits within which files are read.
 *
 * @param maxText characters of one text
 * @param directory for temporary files
 */
public record ParserLimits(int maxText, UnpackLimit unpack, Path directory) {
    ReaderLimits reader() {
        return new ReaderLimits(maxRow(), unpack, directory);
    }

    /** Returns how many characters a row may have: enough for two texts and some more columns. */
    long maxRow() {
        return 16L * Math.max(maxText, 1_000_000);
    }
}
