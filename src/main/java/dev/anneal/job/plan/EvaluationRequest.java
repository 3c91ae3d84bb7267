package dev.anneal.job.plan;

import dev.anneal.job.queue.JobKind;
import dev.anneal.spec.ReportOptions;
import dev.anneal.web.JsonFields;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The well-formed body of a request for an evaluation or a prediction. {@link EvaluationPlanner} checks it against the model and
 * the dataset.
 *
 * @param split null for all rows
 * @param generatedAnswers for how many rows the model generates an answer; null for the default
 */
public record EvaluationRequest(
        JobKind kind,
        String model,
        String dataset,
        @Nullable String split,
        Map<String, String> labelMap,
        String precision,
        int maxAttempts,
        Map<String, String> metadata,
        int priority,
        @Nullable ReportOptions report,
        @Nullable Integer generatedAnswers) {
    private static final String ALL = "all";
    private static final List<String> SPLITS = List.of("train", "validation", "test", ALL);
    private static final List<String> PRECISIONS = List.of("auto", "fp32", "bf16");
    private static final int MAX_ATTEMPTS = 3;
    private static final int MOST_MAPPED = 1_000;
    private static final int LONGEST_LABEL = 1_000;
    private static final int MOST_ANSWERS = 100_000;

    /** Reads a request. An evaluation is of the test rows in fp32 if nothing else is asked for, a prediction of all rows. */
    public static EvaluationRequest of(JobKind kind, JsonNode body) {
        boolean isEvaluation = kind == JobKind.evaluation;
        JsonFields fields = new JsonFields(body);
        String model = fields.required("model", 200);
        String dataset = fields.required("dataset", 200);
        String split = Objects.requireNonNullElse(fields.choice("split", SPLITS), isEvaluation ? "test" : ALL);
        Map<String, String> labelMap =
                isEvaluation ? fields.strings("label_map", MOST_MAPPED, LONGEST_LABEL, LONGEST_LABEL) : Map.of();
        String precision =
                Objects.requireNonNullElse(fields.choice("precision", PRECISIONS), isEvaluation ? "fp32" : "auto");
        Integer maxAttempts = fields.integer("max_attempts", 1, 20);
        Integer priority = fields.integer("priority", -100, 100);
        EvaluationRequest request = new EvaluationRequest(
                kind,
                model,
                dataset,
                split.equals(ALL) ? null : split,
                labelMap,
                precision,
                maxAttempts == null ? MAX_ATTEMPTS : maxAttempts,
                fields.strings("metadata", 16, 64, 512),
                priority == null ? 0 : priority,
                isEvaluation ? ReportChoices.read(fields, true) : null,
                isEvaluation ? fields.integer("generated_answers", 0, MOST_ANSWERS) : null);
        fields.refuseUnknown();
        fields.done();
        return request;
    }
}
