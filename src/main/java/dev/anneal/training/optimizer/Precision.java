package dev.anneal.training.optimizer;

import dev.anneal.training.process.TrainingException;
import dev.anneal.transformer.program.Bf16;
import java.util.Locale;

/**
 * The number format of the linear layers in a training step. What lies between them may have it, too; the updated weights, their
 * moments and the loss are fp32.
 */
public enum Precision {
    FP32,
    BF16;

    /** Returns the precision named fp32, bf16 or auto: bf16 if the device computes it faster. */
    public static Precision of(String name, String device) {
        return switch (name) {
            case "fp32" -> FP32;
            case "bf16" -> BF16;
            case "auto" -> Bf16.isFastOn(device) ? BF16 : FP32;
            default -> throw new TrainingException("precision must be auto, fp32 or bf16, not '" + name + "'.");
        };
    }

    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
