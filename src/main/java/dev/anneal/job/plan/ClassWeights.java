package dev.anneal.job.plan;

import dev.anneal.text.Suggest;
import dev.anneal.web.JsonFields;
import dev.anneal.web.Problem;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The class weights that a request asks for: {@code byLabel}, or balanced by frequency if it is null. */
record ClassWeights(@Nullable Map<String, Double> byLabel) {
    static final String FIELD = "class_weights";
    /** Greater than 0, because a batch with rows of such a label only would have no loss. */
    private static final double LEAST = 1e-6;

    private static final double MOST = 1e6;

    static @Nullable ClassWeights of(JsonFields hyperparameters) {
        JsonNode value = hyperparameters.get(FIELD);
        if (value == null || value.isString() && value.stringValue().equals("auto")) {
            return null;
        }
        if (value.isString() && value.stringValue().equals("balanced")) {
            return new ClassWeights(null);
        }
        Map<String, Double> weights = new LinkedHashMap<>();
        if (!value.isObject()) {
            hyperparameters.wrong(FIELD, "invalid_type", "must be \"balanced\" or an object of labels and weights");
        } else {
            JsonFields fields = hyperparameters.object(FIELD);
            value.propertyNames().forEach(label -> {
                Double weight = fields.number(label, LEAST, MOST);
                if (weight != null) {
                    weights.put(label, weight);
                } else if (value.get(label).isNull()) {
                    fields.wrong(label, "required", "must be a number");
                }
            });
        }
        return new ClassWeights(weights);
    }

    /**
     * Returns a weight for each label. Balanced weights are n / (k * count) for n rows and k labels with rows. A label without
     * rows or without a given weight has 1.
     */
    Map<String, Double> resolve(List<String> labels, Supplier<Map<String, Long>> counts, List<Problem.Error> errors) {
        Map<String, Double> weights = new LinkedHashMap<>();
        if (byLabel == null) {
            Map<String, Long> count = counts.get();
            double mean = (double) count.values().stream().mapToLong(n -> n).sum() / count.size();
            labels.forEach(label -> weights.put(label, count.containsKey(label) ? mean / count.get(label) : 1));
            return weights;
        }
        for (String label : byLabel.keySet()) {
            if (!labels.contains(label)) {
                errors.add(Problem.Error.field(
                        "hyperparameters.class_weights." + label,
                        "unknown_label",
                        "The dataset has no label '%s'. Its labels: %s.%s"
                                .formatted(
                                        Problem.quote(label),
                                        labels.stream()
                                                .limit(20)
                                                .map(Problem::quote)
                                                .collect(Collectors.joining(", ")),
                                        Suggest.nearest(label, labels))));
            }
        }
        labels.forEach(label -> weights.put(label, byLabel.getOrDefault(label, 1.0)));
        return weights;
    }
}
