package dev.anneal.training;

import dev.anneal.training.task.Examples;
import dev.anneal.training.task.LengthBuckets;
import java.util.List;
import java.util.SplittableRandom;

/** The randomness of a run, which follows from its seed alone, so that it can resume at any step. */
final class DataOrder {
    private final long seed;
    private final long stepSeed;

    DataOrder(long seed) {
        this.seed = seed;
        this.stepSeed = new SplittableRandom(seed).nextLong() >>> 1;
    }

    /** Returns the batches of an epoch, counted from 1. */
    List<int[]> batches(int epoch, Examples examples, int batchSize) {
        SplittableRandom order = new SplittableRandom(seed);
        order.nextLong();
        SplittableRandom random = order.split();
        for (int i = 1; i < epoch; i++) {
            random = order.split();
        }
        return LengthBuckets.batches(examples.lengths(), batchSize, random);
    }

    /** Returns the seed of the device for a step, counted from 1. */
    long seed(int step) {
        return stepSeed + step;
    }

    /** Returns the random numbers of the batches of a step. */
    SplittableRandom random(int step) {
        return new SplittableRandom(seed(step));
    }
}
