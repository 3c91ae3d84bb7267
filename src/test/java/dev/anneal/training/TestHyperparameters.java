package dev.anneal.training;

import dev.anneal.training.spec.Hyperparameters;
import dev.anneal.training.spec.Hyperparameters.Schedule;

/** Hyperparameters for tests that care for a few of them. */
public final class TestHyperparameters {
    private TestHyperparameters() {}

    public static Hyperparameters of(double dropout, double weightDecay, double layerwiseLrDecay) {
        return new Hyperparameters(
                1,
                2,
                1,
                1e-3,
                Schedule.LINEAR,
                0,
                null,
                layerwiseLrDecay,
                weightDecay,
                1,
                dropout,
                0,
                null,
                128,
                "fp32",
                1);
    }
}
