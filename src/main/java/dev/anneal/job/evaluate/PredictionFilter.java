package dev.anneal.job.evaluate;

import dev.anneal.spec.JobSpec;
import dev.anneal.text.Suggest;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.web.Problem;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Which predictions are wanted: right or wrong ones, those of rows with a label, those that predict a label. Null stands for any. */
record PredictionFilter(
        @Nullable Boolean isRight,
        @Nullable String label,
        @Nullable String predicted) {
    private static final int SHOWN = 10;

    /** Returns the filter of a request, whose values it checks. */
    static PredictionFilter of(
            JobSpec spec, @Nullable String outcome, @Nullable String label, @Nullable String predicted) {
        if (outcome != null && !outcome.equals("right") && !outcome.equals("wrong")) {
            throw Problem.invalid("outcome", "invalid_value", "'outcome' must be right or wrong.");
        }
        boolean hasLabels = spec.task() != Task.TEXT_REGRESSION && spec.task() != Task.CAUSAL_LM;
        if (!hasLabels && !hasAnswers(spec) && outcome != null) {
            throw notOfTask("outcome", spec);
        }
        if (!hasLabels && (label != null || predicted != null)) {
            throw notOfTask(label != null ? "label" : "predicted", spec);
        }
        return new PredictionFilter(
                outcome == null ? null : outcome.equals("right"),
                name("label", label, spec),
                name("predicted", predicted, spec));
    }

    /** Returns whether answers were generated for some rows, each of which is right or wrong. */
    static boolean hasAnswers(JobSpec spec) {
        Integer answers = spec.taskOptions().generatedAnswers();
        return answers != null && answers > 0;
    }

    private static Problem notOfTask(String field, JobSpec spec) {
        String reason = spec.task() == Task.TEXT_REGRESSION
                ? "whose predictions are numbers."
                : field.equals("outcome")
                        ? "unless answers were generated. Evaluate the model on prompts or conversations with 'generated_answers'."
                        : "whose rows have no labels.";
        return Problem.invalid(
                field,
                "not_of_task",
                "'%s' does not apply to %s, %s".formatted(field, spec.task().text(), reason));
    }

    /** Returns the model's name of a label, which may be given by its name in the dataset. */
    private static @Nullable String name(String field, @Nullable String label, JobSpec spec) {
        List<String> labels = spec.labels();
        if (label == null || labels.isEmpty() || labels.contains(label)) {
            return label;
        }
        Map<String, String> map =
                spec.evaluation() == null ? Map.of() : spec.evaluation().labelMap();
        String mapped = map.get(label);
        if (mapped == null) {
            throw Problem.invalid(
                    field,
                    "unknown_label",
                    "The model has no label '%s'.%s Its labels: %s%s"
                            .formatted(
                                    Problem.quote(label),
                                    Suggest.nearest(label, labels),
                                    labels.stream()
                                            .limit(SHOWN)
                                            .map(Problem::quote)
                                            .collect(Collectors.joining(", ")),
                                    labels.size() > SHOWN ? " and %,d more.".formatted(labels.size() - SHOWN) : "."));
        }
        return mapped;
    }

    boolean isWanted(JsonNode row) {
        // A row without a generated answer is neither right nor wrong.
        return (isRight == null || row.path("right").asBoolean(!isRight) == isRight)
                && (label == null || has(row, label, "label", "labels", "tags"))
                && (predicted == null || has(row, predicted, "predicted_label", "predicted_labels", "predicted_tags"));
    }

    private static boolean has(JsonNode row, String name, String one, String several, String tags) {
        return row.path(one).asString("").equals(name)
                || contains(row.path(several), name)
                || contains(row.path(tags), name);
    }

    private static boolean contains(JsonNode list, String name) {
        return list.valueStream().anyMatch(item -> item.asString("").equals(name));
    }
}
