package dev.anneal.dataset;

import dev.anneal.dataset.file.FileSource;
import dev.anneal.dataset.problem.RowProblems;
import dev.anneal.dataset.validation.Progress;
import dev.anneal.dataset.version.Change;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A dataset on the wire. */
record DatasetView(
        String id,
        String name,
        @Nullable String task,
        @Nullable String format,
        Dataset.Status status,
        long rowCount,
        long sizeBytes,
        @Nullable String sha256,
        Map<String, String> columns,
        List<FileSource> files,
        List<Dataset.LabelCount> labels,
        Dataset.Splits splits,
        long problemCount,
        long warningCount,
        List<RowProblems.CodeCount> problemCodes,
        long skippedCount,
        @Nullable String parent,
        List<Change> changes,
        @Nullable String sameAs,
        @Nullable String source,
        @Nullable String revision,
        @Nullable Progress progress,
        Instant createdAt) {}
