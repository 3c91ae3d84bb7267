package dev.anneal.training;

import dev.anneal.training.task.Examples;
import dev.anneal.training.task.LengthBuckets;
import java.util.List;
import java.util.SplittableRandom;

/** All randomness of a run, from its seed alone, so that a run can go on from any step. */
final class DataOrder {
    private final long seed;
    private final long stepSeed;

    DataOrder(long seed) {
        this.seed = seed;
        this.stepSeed = new SplittableRandom(seed).nextLong() >>> 1;
    }

    /** The batches of an epoch, counted from 1. */
    List<int[]> batches(int epoch, Examples examples, int batchSize) {
        SplittableRandom order = new SplittableRandom(seed);
        order.nextLong();
        SplittableRandom random = order.split();
        for (int i = 1; i < epoch; i++) {
            random = order.split();
        }
        return LengthBuckets.batches(examples.lengths(), batchSize, random);
    }

    /** What the device draws in a step, counted from 1. */
    long seed(int step) {
        return stepSeed + step;
    }

    /** What the batches of a step draw. */
    SplittableRandom random(int step) {
        return new SplittableRandom(seed(step));
    }
}
