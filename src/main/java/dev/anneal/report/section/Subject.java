package dev.anneal.report.section;

import dev.anneal.evaluation.Metric;
import dev.anneal.evaluation.Metrics;
import dev.anneal.spec.Hyperparameters;
import dev.anneal.spec.JobSpec;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The facts that a page shows.
 *
 * @param name the name of a job, or the id of an evaluation
 * @param model the name of the model that was trained from, or that was evaluated
 * @param published the id of the job's model; null for an evaluation
 * @param hyperparameters with the precision that the first attempt decided
 * @param report the report, as the API gives it
 * @param epochs the metrics of the epochs, in their order; empty for an evaluation
 * @param best the best epoch; null if there is none
 * @param datasets those of the job that still exist
 * @param run its attempts and times
 */
public record Subject(
        String id,
        String name,
        String model,
        @Nullable String published,
        JobSpec spec,
        Hyperparameters hyperparameters,
        JsonNode report,
        List<JsonNode> epochs,
        @Nullable JsonNode best,
        List<Data> datasets,
        Run run) {

    /**
     * A dataset.
     *
     * @param splits the splits that the job takes from it
     * @param train the number of rows of each split of the dataset
     */
    public record Data(
            String id, String name, List<String> splits, long train, long validation, long test, String sha256) {}

    /** The course of the work. */
    public record Run(
            int attempts,
            @Nullable String worker,
            @Nullable Long memoryBytes,
            Instant created,
            @Nullable Instant started,
            @Nullable Instant finished) {}

    public boolean isEvaluation() {
        return spec.evaluation() != null;
    }

    /** Returns whether the report is on the training rows, each computed by the model of its fold in place of the job's. */
    public boolean isOutOfFold() {
        return !report.path("cross_validation").isEmpty()
                && report.path("split").asString("").equals("train");
    }

    /** Returns the task in words. */
    public String purpose() {
        return switch (spec.task()) {
            case CAUSAL_LM -> "text generation";
            case MASKED_LM -> "masked language modelling";
            case MULTI_LABEL -> "text classification with several labels";
            default -> spec.task().text().replace('-', ' ');
        };
    }

    public JsonNode findings() {
        return report.path("findings");
    }

    /** Returns the metrics of the task that the report has, the loss first. */
    public List<Metric> metrics() {
        return Metrics.of(spec.task()).list().stream()
                .filter(metric -> report.path(metric.name()).isNumber())
                .toList();
    }

    /** Returns the metric by which the page judges: the first one after the loss. */
    public Optional<Metric> headline() {
        return metrics().stream().filter(metric -> !metric.equals(Metric.LOSS)).findFirst();
    }

    /** Returns the dataset that a split of the job is from, if it still exists. */
    public Optional<Data> dataset(String split) {
        return datasets.stream().filter(data -> data.splits().contains(split)).findFirst();
    }
}
