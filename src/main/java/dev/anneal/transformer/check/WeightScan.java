package dev.anneal.transformer.check;

import dev.anneal.text.Visible;
import dev.anneal.transformer.ModelFiles;
import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.Head;
import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.format.HuggingFaceFiles;
import dev.anneal.transformer.format.ModelException;
import dev.anneal.transformer.weights.StoredTensor;
import dev.anneal.transformer.weights.StoredWeights;
import dev.anneal.transformer.weights.WeightNames;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.ShortBuffer;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Searches weights for numbers that are infinite or not a number, part by part. */
public final class WeightScan {
    private static final int PART = 1 << 14;

    private WeightScan() {}

    /** Throws a {@link ModelException} if a tensor that the model uses has such a number. */
    static void requireFinite(Path directory, ModelConfig config, ModelFiles facts) {
        String tensor = firstNotFinite(directory, config, facts);
        if (tensor != null) {
            throw new ModelException(HuggingFaceFiles.WEIGHTS + ": tensor " + Visible.quote(tensor)
                    + " contains a number that is infinite or not a number");
        }
    }

    /**
     * Returns the name of a tensor that the model uses and that has such a number; null if there is none. Tensors that it does
     * not use may have them: old files contain masks of -inf.
     */
    public static @Nullable String firstNotFinite(Path directory) {
        return firstNotFinite(directory, ModelConfig.read(directory), ModelFiles.inspect(directory));
    }

    private static @Nullable String firstNotFinite(Path directory, ModelConfig config, ModelFiles facts) {
        return used(directory, config, facts).entrySet().stream()
                .filter(entry -> !isFinite(entry.getValue()))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(null);
    }

    /** Returns the tensors that the model uses, by their names in the program. */
    private static Map<String, StoredTensor> used(Path directory, ModelConfig config, ModelFiles facts) {
        Architecture architecture = Architecture.of(config);
        Head head = facts.task() == null
                ? null
                : architecture.head(facts.task(), config, config.labels().size());
        Map<String, StoredTensor> tensors =
                new WeightNames(architecture, head).toProgram(StoredWeights.read(directory));
        facts.unused().forEach(tensors::remove);
        return tensors;
    }

    /** Returns the largest weight that the model uses, without its sign, and the name of its tensor. */
    static String largest(Path directory, ModelFiles facts) {
        Map<String, StoredTensor> tensors = used(directory, ModelConfig.read(directory), facts);
        String name = "";
        float largest = -1;
        for (Map.Entry<String, StoredTensor> each : tensors.entrySet()) {
            float found = largest(each.getValue());
            if (found > largest) {
                largest = found;
                name = each.getKey();
            }
        }
        return largest + " in the tensor " + Visible.quote(name);
    }

    private static float largest(StoredTensor tensor) {
        ByteBuffer bytes = tensor.bytes().get();
        float largest = 0;
        switch (tensor.dtype()) {
            case "F32" -> {
                for (FloatBuffer all = bytes.asFloatBuffer(); all.hasRemaining(); ) {
                    largest = Math.max(largest, Math.abs(all.get()));
                }
            }
            case "BF16" -> {
                for (ShortBuffer all = bytes.asShortBuffer(); all.hasRemaining(); ) {
                    largest = Math.max(largest, Math.abs(Float.intBitsToFloat(all.get() << 16)));
                }
            }
            default -> {} // those of 16 bits end at 65504
        }
        return largest;
    }

    static boolean isFinite(StoredTensor tensor) {
        return switch (tensor.dtype()) {
            case "F32" -> isFinite(tensor.bytes().get().asIntBuffer());
            case "F16" -> isFinite(tensor.bytes().get(), 0x7c00);
            case "BF16" -> isFinite(tensor.bytes().get(), 0x7f80);
            default -> true;
        };
    }

    /** A number is finite unless all bits of its exponent are set. */
    private static boolean isFinite(IntBuffer numbers) {
        int[] part = new int[PART];
        while (numbers.hasRemaining()) {
            int count = Math.min(PART, numbers.remaining());
            numbers.get(part, 0, count);
            for (int i = 0; i < count; i++) {
                if ((part[i] & 0x7f800000) == 0x7f800000) {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean isFinite(ByteBuffer bytes, int exponent) {
        ShortBuffer numbers = bytes.asShortBuffer();
        short[] part = new short[PART];
        while (numbers.hasRemaining()) {
            int count = Math.min(PART, numbers.remaining());
            numbers.get(part, 0, count);
            for (int i = 0; i < count; i++) {
                if ((part[i] & exponent) == exponent) {
                    return false;
                }
            }
        }
        return true;
    }
}
