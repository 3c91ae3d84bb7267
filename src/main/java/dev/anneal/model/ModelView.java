package dev.anneal.model;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A model on the wire; what its files say is null until the model is ready. */
public record ModelView(
        String id,
        String name,
        String kind,
        String status,
        @Nullable Map<String, Object> error,
        @Nullable Map<String, Object> progress,
        @Nullable String source,
        @Nullable String revision,
        @Nullable String architecture,
        @Nullable String task,
        List<String> labels,
        @Nullable Long parameters,
        @Nullable Integer maxLength,
        @Nullable String baseModel,
        @Nullable String job,
        @Nullable Integer checkpointStep,
        @Nullable String dataset,
        @Nullable String datasetSha256,
        @Nullable Map<String, Object> hyperparameters,
        @Nullable Map<String, Object> metrics,
        List<String> filesLeftOut,
        @Nullable Long sizeBytes,
        @Nullable String sha256,
        @Nullable Serving serving,
        @Nullable Health health,
        Instant createdAt) {}
