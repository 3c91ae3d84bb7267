package dev.anneal.training;

import ai.djl.ndarray.types.Shape;
import java.util.Random;

/** The first values of weights that the base model does not have: matrices normal with standard deviation 0.02, biases 0. */
final class NewWeights {
    private static final double DEVIATION = 0.02;

    private final Random random;

    NewWeights(long seed) {
        random = new Random(seed);
    }

    float[] of(String name, Shape shape) {
        float[] values = new float[Math.toIntExact(shape.size())];
        if (name.endsWith(".weight")) {
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (random.nextGaussian() * DEVIATION);
            }
        }
        return values;
    }
}
