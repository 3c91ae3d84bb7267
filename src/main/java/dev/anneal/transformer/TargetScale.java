package dev.anneal.transformer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.anneal.transformer.weights.StoredTensor;
import dev.anneal.transformer.weights.Weights;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.DoubleUnaryOperator;

/**
 * The mean and the standard deviation of the numbers that a regression model learns. In training its head computes standardized
 * numbers, of mean 0 and deviation 1, whatever the unit of the data is. The program converts them, and so does the head in the
 * model's files, so that transformers computes the same numbers from them.
 */
public record TargetScale(double mean, double deviation) {
    static final String MEAN = "score.mean";
    static final String DEVIATION = "score.deviation";
    static final String WEIGHT = "classifier.weight";
    static final String BIAS = "classifier.bias";

    /** Returns whether a name of a weight is that of a scale, which is not trained. */
    public static boolean isPart(String name) {
        return name.equals(MEAN) || name.equals(DEVIATION);
    }

    /** Adds the scale to the weights; with {@code keepsHead}, a head of the base model computes the same numbers as before. */
    void addTo(Weights weights, boolean keepsHead) {
        weights.add(MEAN, new Shape(1), new float[] {(float) mean});
        weights.add(DEVIATION, new Shape(1), new float[] {(float) deviation});
        if (keepsHead) {
            set(weights.get(WEIGHT), x -> x / deviation);
            set(weights.get(BIAS), x -> (x - mean) / deviation);
        }
    }

    private static void set(NDArray array, DoubleUnaryOperator change) {
        float[] values = array.toFloatArray();
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) change.applyAsDouble(values[i]);
        }
        array.set(values);
    }

    /** Returns a weight for the model's files. */
    StoredTensor stored(String name, NDArray array) {
        return switch (name) {
            case WEIGHT -> stored(array, x -> x * deviation);
            case BIAS -> stored(array, x -> x * deviation + mean);
            default -> Weights.stored(array);
        };
    }

    private static StoredTensor stored(NDArray array, DoubleUnaryOperator change) {
        return new StoredTensor("F32", array.getShape().getShape(), () -> {
            float[] values = array.toFloatArray();
            ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
            for (float value : values) {
                bytes.putFloat((float) change.applyAsDouble(value));
            }
            return bytes.flip();
        });
    }
}
