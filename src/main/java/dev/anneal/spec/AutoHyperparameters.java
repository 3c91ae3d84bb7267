package dev.anneal.spec;

import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.Task;

/**
 * The values of {@code auto} that depend on the task, the method, the number of training rows and the base model. Little data
 * gets more epochs and smaller batches, a large model gets a lower learning rate. docs/hyperparameters.md has the table.
 * Constant values are in {@link Hyperparameters}.
 */
public record AutoHyperparameters(
        Task task, String method, long rows, long parameters, String architecture, int modelMaxLength) {
    private static final long SMALL = 50_000_000;
    private static final long TINY = 5_000_000;

    int epochs() {
        if (task.isLanguageModel()) {
            return 3;
        }
        if (method.equals(FewShot.METHOD)) {
            return 1; // each row is in many pairs
        }
        boolean head = method.equals("head"); // few weights learn, and an epoch costs little
        if (rows < 2_000) {
            return head ? 20 : 6;
        }
        return rows < 50_000 ? (head ? 10 : 4) : (head ? 5 : 2);
    }

    int batchSize() {
        return switch (task) {
            case CAUSAL_LM -> 8;
            case MASKED_LM, TOKEN_CLASSIFICATION -> 16;
            default -> rows < 1_000 ? 16 : 32;
        };
    }

    double learningRate() {
        if (method.equals("head")) {
            return 1e-3;
        }
        if (method.equals("lora")) {
            return parameters < SMALL ? 1e-3 : 2e-4;
        }
        return switch (task) {
            case CAUSAL_LM -> parameters < TINY ? 1e-3 : parameters < SMALL ? 3e-4 : 2e-5;
            case MASKED_LM -> 5e-5;
            case TOKEN_CLASSIFICATION -> parameters < SMALL ? 1e-4 : 5e-5;
            default -> parameters < SMALL ? 1e-4 : 3e-5;
        };
    }

    double dropout() {
        return Architecture.named(architecture).dropout();
    }

    /** Returns as many rows as are trained: their evaluation takes about a third of the time. A few rows cost little. */
    int evaluationRows() {
        return (int) Math.max(1_000, Math.min(10_000_000, rows));
    }

    int maxLength() {
        return Math.min(task == Task.CAUSAL_LM ? 512 : 256, modelMaxLength);
    }
}
