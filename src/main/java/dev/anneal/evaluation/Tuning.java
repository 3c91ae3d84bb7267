package dev.anneal.evaluation;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A temperature and thresholds that were found on the validation rows of a classifier, for the report on its test rows.
 *
 * @param temperature by which the scores before the softmax or the sigmoid are divided to be calibrated; null if there is none
 * @param isServed whether the model computes with the temperature
 * @param thresholds for each label the least score with which giving the label has the best F1, null for a label without rows;
 *     empty if none were looked for
 */
public record Tuning(@Nullable Double temperature, boolean isServed, List<@Nullable Double> thresholds) {
    @Nullable
    Double threshold(int label) {
        return label < thresholds.size() ? thresholds.get(label) : null;
    }

    /** Returns the same for the model whose scores are divided by the temperature. Its thresholds must be found again. */
    public Tuning served(List<@Nullable Double> found) {
        return new Tuning(temperature, true, found);
    }
}
