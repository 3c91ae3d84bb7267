package dev.anneal.dataset.file;

import dev.anneal.dataset.format.FileFormat;
import org.jspecify.annotations.Nullable;

/** The part of an upload request that says how to read its files. Null means: found in each file. */
public record FileOptions(
        @Nullable FileFormat format,
        @Nullable String encoding,
        @Nullable String delimiter,
        @Nullable Boolean header) {}
