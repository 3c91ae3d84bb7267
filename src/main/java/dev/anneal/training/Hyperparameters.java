package dev.anneal.training;

/**
 * How a model is trained. {@code learningRate} is the peak, {@code warmupRatio} a share of all steps, {@code maxGradNorm} 0
 * means no clipping, {@code maxLength} is in tokens, {@code precision} is auto, fp32 or bf16.
 */
public record Hyperparameters(
        int epochs,
        int batchSize,
        double learningRate,
        double weightDecay,
        double warmupRatio,
        double maxGradNorm,
        double dropout,
        int maxLength,
        String precision,
        long seed) {

    void check() {
        require(epochs >= 1, "epochs must be at least 1");
        require(batchSize >= 1, "batch_size must be at least 1");
        require(learningRate > 0 && Double.isFinite(learningRate), "learning_rate must be greater than 0");
        require(weightDecay >= 0, "weight_decay must not be negative");
        require(warmupRatio >= 0 && warmupRatio < 1, "warmup_ratio must be from 0 to less than 1");
        require(maxGradNorm >= 0, "max_grad_norm must not be negative");
        require(dropout >= 0 && dropout < 1, "dropout must be from 0 to less than 1");
        require(maxLength >= 4, "max_length must be at least 4 tokens");
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new TrainingException("hyperparameters: " + message);
        }
    }
}
