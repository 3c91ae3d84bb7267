package dev.anneal.training.spec;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.anneal.transformer.architecture.Task;
import java.util.List;
import java.util.Set;

/** A figure of the validation rows by which epochs are compared, by its name on the wire. */
public record Metric(@JsonValue String name) {
    public static final Metric LOSS = new Metric("loss");
    private static final Set<String> LOWER_IS_BETTER = Set.of("loss", "perplexity", "rmse", "mae");

    @JsonCreator
    public Metric {
        if (name == null) {
            throw new IllegalArgumentException("a metric needs a name");
        }
    }

    /** The metrics of a task, the one first that chooses the published epoch where nothing else is asked. */
    public static List<String> of(Task task) {
        return switch (task) {
            case TEXT_CLASSIFICATION -> List.of("f1_macro", "accuracy", "loss");
            case MULTI_LABEL -> List.of("f1_micro", "f1_macro", "accuracy", "loss");
            case TEXT_REGRESSION -> List.of("loss", "rmse", "mae", "r2", "pearson", "spearman");
            case TOKEN_CLASSIFICATION -> List.of("f1", "precision", "recall", "accuracy", "loss");
            case CAUSAL_LM, MASKED_LM -> List.of("loss", "perplexity");
        };
    }

    public double of(EpochMetrics epoch) {
        if (name.equals("loss")) {
            return epoch.validationLoss();
        }
        Double value = epoch.scores().get(name);
        if (value == null) {
            throw new TrainingException("the task has no metric '" + name + "'");
        }
        return value;
    }

    /** By how much the first epoch is better; negative where it is worse. */
    public double gain(EpochMetrics a, EpochMetrics b) {
        return LOWER_IS_BETTER.contains(name) ? of(b) - of(a) : of(a) - of(b);
    }

    /** Positive where the first epoch is better; equal ones are told apart by their validation loss. */
    public int compare(EpochMetrics a, EpochMetrics b) {
        int better = Double.compare(gain(a, b), 0);
        return better != 0 ? better : Double.compare(b.validationLoss(), a.validationLoss());
    }
}
