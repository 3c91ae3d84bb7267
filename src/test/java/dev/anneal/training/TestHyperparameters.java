package dev.anneal.training;

import dev.anneal.spec.Hyperparameters;
import java.util.Map;

/** Hyperparameters for tests that care for a few of them. */
public final class TestHyperparameters {
    private TestHyperparameters() {}

    public static Hyperparameters of(double dropout, double weightDecay, double layerwiseLrDecay) {
        return new Hyperparameters(Map.of(
                "epochs",
                1,
                "batch_size",
                2,
                "learning_rate",
                1e-3,
                "warmup_ratio",
                0,
                "layerwise_lr_decay",
                layerwiseLrDecay,
                "weight_decay",
                weightDecay,
                "dropout",
                dropout,
                "max_length",
                128,
                "precision",
                "fp32",
                "seed",
                1));
    }
}
