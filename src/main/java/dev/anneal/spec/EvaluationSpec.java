package dev.anneal.spec;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rows that a finished model computes, in a job that does not train.
 *
 * @param split null for all rows of the dataset
 * @param rows how many rows there are
 * @param isLabelled whether the rows are compared with their labels: an evaluation, else a prediction
 * @param labelMap the model's name for labels of the dataset that the model has under another name
 */
public record EvaluationSpec(@Nullable String split, long rows, boolean isLabelled, Map<String, String> labelMap) {
    public EvaluationSpec {
        labelMap = labelMap == null ? Map.of() : labelMap;
    }

    /** Returns whether the rows are those of a split that is not trained on. */
    public boolean heldOut() {
        return split != null && !split.equals("train");
    }

    /** Returns the name of the split, or "all" for all rows. */
    public String part() {
        return split == null ? "all" : split;
    }
}
