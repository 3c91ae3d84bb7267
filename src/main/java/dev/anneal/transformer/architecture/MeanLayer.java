package dev.anneal.transformer.architecture;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/**
 * A layer on top of a BERT that makes the state of each token the mean of all tokens of its text. Its queries and keys are 0, so each
 * token attends to all alike, and the mean outweighs the state of the token itself. The feed-forward part is 0. The head that
 * follows sees the first token, and thus the mean.
 */
final class MeanLayer {
    /** The standard deviation of the numbers of a text, about that of sentence encoders; tanh is nearly linear for such numbers. */
    static final float DEVIATION = 0.3f;

    /** The factor of the mean beside the state of the token: a power of 2, which bf16 keeps. */
    private static final float WEIGHT = 64;

    private MeanLayer() {}

    /**
     * Returns the values, in row order, of a weight of the layer or of the head.
     *
     * @param shift what the head adds to the mean before its activation
     */
    static float[] weight(String name, Shape shape, float shift) {
        if (name.endsWith("attention.output.dense.weight")) {
            return diagonal(shape, WEIGHT);
        } else if (name.endsWith("self.value.weight") || name.equals("pooler.dense.weight")) {
            return diagonal(shape, 1);
        } else if (name.endsWith("attention.output.LayerNorm.weight")) {
            return filled(shape, 1);
        } else if (name.endsWith("output.LayerNorm.weight")) {
            return filled(shape, DEVIATION);
        }
        return filled(shape, name.equals("pooler.dense.bias") ? shift : 0);
    }

    static float[] filled(Shape shape, float value) {
        float[] values = new float[Math.toIntExact(shape.size())];
        Arrays.fill(values, value);
        return values;
    }

    static float[] diagonal(Shape shape, float value) {
        float[] values = filled(shape, 0);
        int width = Math.toIntExact(shape.get(1));
        for (int i = 0; i < width; i++) {
            values[i * (width + 1)] = value;
        }
        return values;
    }
}
