package dev.anneal.dataset.file;

import org.jspecify.annotations.Nullable;

/**
 * One of the files of a dataset, and how it was read: as the request says, or else as found in the file.
 *
 * @param split the split of all its rows, null if they have several
 * @param label the label of all its rows, null if they have several
 * @param compression gzip or zstd, null if the file is not compressed
 * @param encoding null if the file is not text
 * @param delimiter null if the file is not delimited
 * @param header whether the first line names the columns, null if the file is not delimited
 * @param dialect alpaca, dolly, sharegpt, openai or prompt-completion, null if the rows are none of these
 */
public record FileSource(
        String name,
        @Nullable String split,
        @Nullable String label,
        String format,
        @Nullable String compression,
        @Nullable String encoding,
        @Nullable String delimiter,
        @Nullable Boolean header,
        @Nullable String dialect,
        long rowCount,
        long sizeBytes,
        String sha256) {}
