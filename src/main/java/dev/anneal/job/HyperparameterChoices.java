package dev.anneal.job;

import dev.anneal.training.Hyperparameters;
import dev.anneal.web.Fields;
import java.util.List;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/** The hyperparameters as they were asked for; null is `auto`, which {@link #resolve} decides. */
record HyperparameterChoices(
        Integer epochs,
        Integer batchSize,
        Double learningRate,
        Double weightDecay,
        Double warmupRatio,
        Double maxGradNorm,
        Double dropout,
        Integer maxLength,
        String precision,
        Integer seed) {

    static HyperparameterChoices of(Fields body) {
        Fields fields = body.object("hyperparameters");
        var choices = new HyperparameterChoices(
                auto(fields, "epochs", f -> fields.integer(f, 1, 1000)),
                auto(fields, "batch_size", f -> fields.integer(f, 1, 1024)),
                auto(fields, "learning_rate", f -> fields.number(f, 1e-8, 1)),
                auto(fields, "weight_decay", f -> fields.number(f, 0, 1)),
                auto(fields, "warmup_ratio", f -> fields.number(f, 0, 0.99)),
                auto(fields, "max_grad_norm", f -> fields.number(f, 0, 1e6)),
                auto(fields, "dropout", f -> fields.number(f, 0, 0.9)),
                auto(fields, "max_length", f -> fields.integer(f, 4, 1 << 20)),
                auto(fields, "precision", f -> fields.choice(f, List.of("auto", "fp32", "bf16"))),
                auto(fields, "seed", f -> fields.integer(f, 0, Integer.MAX_VALUE)));
        fields.refuseUnknown();
        return choices;
    }

    private static <T> T auto(Fields fields, String field, Function<String, T> read) {
        JsonNode value = fields.get(field);
        return value != null && value.isString() && value.stringValue().equals("auto") ? null : read.apply(field);
    }

    /**
     * Fills in what was left open, by the sizes of the data and the model: small data gets more passes in smaller
     * batches, a large model a smaller learning rate.
     */
    Hyperparameters resolve(long trainRows, long parameters, int modelMaxLength) {
        return new Hyperparameters(
                epochs != null ? epochs : trainRows < 2_000 ? 6 : trainRows < 50_000 ? 4 : 2,
                batchSize != null ? batchSize : trainRows < 1_000 ? 16 : 32,
                1,
                learningRate != null ? learningRate : parameters < 50_000_000 ? 1e-4 : 3e-5,
                Hyperparameters.Schedule.LINEAR,
                warmupRatio != null ? warmupRatio : 0.1,
                null,
                1.0,
                weightDecay != null ? weightDecay : 0.01,
                maxGradNorm != null ? maxGradNorm : 1.0,
                dropout != null ? dropout : 0.1,
                0.0,
                null,
                maxLength != null ? maxLength : Math.min(256, modelMaxLength),
                precision != null ? precision : "auto",
                seed != null ? seed : 42);
    }
}
