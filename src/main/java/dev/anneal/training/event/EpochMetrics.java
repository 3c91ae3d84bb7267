package dev.anneal.training.event;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.anneal.evaluation.Metric;
import dev.anneal.training.process.TrainingException;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of a validation: of a finished epoch (counted from 1), or of one so far if the validation is {@code withinEpoch}.
 * {@code step} is the last one, {@code learningRate} that of this step, {@code seconds} those of the epoch with its validations.
 * {@code scores} are the task's own, by name, beside the others on the wire. Without validation rows there is no validation loss, no
 * speed of the validation, and there are no scores.
 */
public record EpochMetrics(
        int epoch,
        int step,
        @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean withinEpoch,
        double trainLoss,
        @Nullable Double validationLoss,
        double learningRate,
        double examplesPerSecond,
        @Nullable Double evaluatedPerSecond,
        double seconds,
        @JsonAnyGetter @JsonAnySetter Map<String, Double> scores) {
    /** Returns the value of a metric on the validation rows, of which there are some. */
    public double value(Metric metric) {
        if (metric.equals(Metric.LOSS)) {
            return Objects.requireNonNull(validationLoss, "the job has no validation rows");
        }
        Double value = scores.get(metric.name());
        if (value == null) {
            throw new TrainingException("The task has no metric '" + metric.name() + "'.");
        }
        return value;
    }
}
