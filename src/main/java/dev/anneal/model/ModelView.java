package dev.anneal.model;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/** A model on the wire. */
record ModelView(
        String id,
        String name,
        String kind,
        String architecture,
        String task,
        List<String> labels,
        long parameters,
        int maxLength,
        String baseModel,
        String job,
        String dataset,
        String datasetSha256,
        Map<String, Object> hyperparameters,
        Map<String, Object> metrics,
        long sizeBytes,
        String sha256,
        Instant createdAt) {}
