package dev.anneal.training;

import ai.djl.ndarray.types.Shape;
import dev.anneal.spec.Method;
import dev.anneal.transformer.Lora;
import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.Head;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The first values of weights that the base model does not have: matrices normal with standard deviation 0.02, those of
 * low-rank corrections as peft draws them, biases 0, the scales of norms 1. For the method {@code few_shot}, those that
 * {@linkplain Architecture#passing pass the mean of the tokens on}.
 */
final class WeightInitializer {
    private static final double DEVIATION = 0.02;

    private final Random random;
    private final Set<String> made = new HashSet<>();

    /** Null unless the head is to pass the mean of the tokens on. */
    private final @Nullable Architecture passing;

    WeightInitializer(long seed, Method method, Architecture architecture) {
        random = new Random(seed);
        passing = method.learnsPairs() ? architecture : null;
    }

    float[] of(String name, Shape shape) {
        made.add(name);
        if (passing != null) {
            return passing.passing(name, shape);
        }
        float[] values = new float[Math.toIntExact(shape.size())];
        if (Lora.isAdapter(name)) {
            double bound = 1 / Math.sqrt(shape.get(1)); // Kaiming's uniform distribution with a = sqrt(5)
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) ((2 * random.nextDouble() - 1) * bound);
            }
        } else if (name.endsWith(".weight") && shape.dimension() == 1) {
            java.util.Arrays.fill(values, 1);
        } else if (name.endsWith(".weight")) {
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (random.nextGaussian() * DEVIATION);
            }
        }
        return values;
    }

    /** Returns whether the weight of that name was initialized. */
    boolean has(String name) {
        return made.contains(name);
    }

    /** Returns whether weights of the head were initialized. */
    boolean anyOf(Head head) {
        return made.stream().anyMatch(head.shapes()::containsKey);
    }
}
