package dev.anneal.faults;

import dev.anneal.testing.Client;
import java.util.List;
import java.util.Map;

/** A job that the harness runs several times: once undisturbed, then with kills. */
record JobKind(String name, String rows, Map<String, ?> hyperparameters, Map<String, ?> fields) {
    private static final Map<String, ?> NONE = Map.of();

    static final List<JobKind> ALL = List.of(
            of("full", "trec", Map.of("epochs", 2), NONE, null),
            of("frozen", "trec2", Map.of("epochs", 3), Map.of("frozen_layers", 3), null),
            of("lora", "polarity", Map.of("epochs", 2), NONE, null),
            of("head", "polarity2", Map.of("epochs", 4), NONE, null),
            of("frozen", "polarity", Map.of("epochs", 2, "label_smoothing", 0.1), Map.of("frozen_layers", 4), null),
            of("lora", "trec", Map.of("epochs", 3, "seed", 11), Map.of("dropout", 0.1), null),
            of("full", "polarity2", Map.of("epochs", 2, "gradient_accumulation_steps", 2, "batch_size", 4), NONE, null),
            of("head", "trec2", Map.of("epochs", 4, "class_weights", "balanced"), NONE, null),
            of(
                    "frozen",
                    "trec",
                    Map.of("epochs", 3, "lr_scheduler_type", "cosine"),
                    Map.of("frozen_layers", 5, "freeze_embeddings", true),
                    Map.of("early_stopping", Map.of("metric", "accuracy", "patience", 3))),
            of("lora", "trec2", Map.of("epochs", 2, "layerwise_lr_decay", 0.9), Map.of("r", 4), null));

    private static JobKind of(
            String method, String rows, Map<String, ?> hyperparameters, Map<String, ?> options, Map<String, ?> fields) {
        Map<String, Object> type = new java.util.HashMap<>(options);
        type.put("type", method);
        Map<String, Object> all = new java.util.HashMap<>(fields == null ? NONE : fields);
        all.put("method", type);
        all.put("checkpoints", Map.of("every_steps", method.equals("full") ? 7 : 4, "keep", 2));
        return new JobKind(method + " on " + rows, rows, hyperparameters, all);
    }

    static Map<String, byte[]> rows(RealRows source, int count) {
        return Map.of(
                "trec", source.trec(0, count),
                "trec2", source.trec(2000, count),
                "polarity", source.polarity(0, count),
                "polarity2", source.polarity(1000, count));
    }

    String submit(Client api, Map<String, String> datasets) {
        return Submission.submit(api, datasets.get(rows), hyperparameters, fields);
    }
}
