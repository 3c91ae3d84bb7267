package dev.anneal.model;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/** A model on the wire; what its files say is null until the model is ready. */
public record ModelView(
        String id,
        String name,
        String kind,
        String status,
        Map<String, Object> error,
        Map<String, Object> progress,
        String source,
        String revision,
        String architecture,
        String task,
        List<String> labels,
        Long parameters,
        Integer maxLength,
        String baseModel,
        String job,
        Integer checkpointStep,
        String dataset,
        String datasetSha256,
        Map<String, Object> hyperparameters,
        Map<String, Object> metrics,
        Long sizeBytes,
        String sha256,
        Instant createdAt) {}
