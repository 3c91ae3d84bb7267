package dev.anneal.training.task;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.anneal.spec.Hyperparameters;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Adds the options of the loss to a batch: the {@code weights} of the classes and the label {@code smoothing}. */
final class LossOptions {
    private LossOptions() {}

    /** Returns the weight of each label, or null if all weigh the same. */
    static float @Nullable [] weights(Hyperparameters choices, List<String> labels) {
        if (choices.classWeights() == null) {
            return null;
        }
        float[] weights = new float[labels.size()];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = choices.classWeights().getOrDefault(labels.get(i), 1.0).floatValue();
        }
        return weights;
    }

    static void add(
            Map<String, NDArray> batch, Hyperparameters choices, float @Nullable [] weights, NDManager manager) {
        if (weights != null) {
            batch.put("weights", manager.create(weights));
        }
        if (choices.labelSmoothing() > 0) {
            batch.put("smoothing", manager.create((float) choices.labelSmoothing()));
        }
    }
}
