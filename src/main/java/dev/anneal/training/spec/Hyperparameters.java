package dev.anneal.training.spec;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Map;

/**
 * How a model is trained. {@code batchSize} is the number of examples of one forward pass, of which
 * {@code gradientAccumulationSteps} make a step of the optimizer; {@code learningRate} is the peak; the warm-up is
 * {@code warmupSteps} long or, where that is null, {@code warmupRatio} of all steps; {@code layerwiseLrDecay} multiplies the
 * rate once for each layer further down (1: no decay); {@code maxGradNorm} 0 means no clipping; {@code classWeights} is null
 * where all labels count the same; {@code maxLength} is in tokens; {@code precision} is auto, fp32 or bf16.
 */
public record Hyperparameters(
        int epochs,
        int batchSize,
        int gradientAccumulationSteps,
        double learningRate,
        Schedule lrSchedulerType,
        double warmupRatio,
        Integer warmupSteps,
        double layerwiseLrDecay,
        double weightDecay,
        double maxGradNorm,
        double dropout,
        double labelSmoothing,
        Map<String, Double> classWeights,
        int maxLength,
        String precision,
        long seed) {

    /** How the learning rate goes on after the warm-up. */
    public enum Schedule {
        @JsonProperty("linear")
        LINEAR,
        @JsonProperty("cosine")
        COSINE,
        @JsonProperty("constant")
        CONSTANT
    }

    void check() {
        require(epochs >= 1, "epochs must be at least 1");
        require(batchSize >= 1, "batch_size must be at least 1");
        require(gradientAccumulationSteps >= 1, "gradient_accumulation_steps must be at least 1");
        require(learningRate > 0 && Double.isFinite(learningRate), "learning_rate must be greater than 0");
        require(lrSchedulerType != null, "lr_scheduler_type is missing");
        require(warmupRatio >= 0 && warmupRatio < 1, "warmup_ratio must be from 0 to less than 1");
        require(warmupSteps == null || warmupSteps >= 0, "warmup_steps must not be negative");
        require(layerwiseLrDecay > 0 && layerwiseLrDecay <= 1, "layerwise_lr_decay must be more than 0, at most 1");
        require(weightDecay >= 0, "weight_decay must not be negative");
        require(maxGradNorm >= 0, "max_grad_norm must not be negative");
        require(dropout >= 0 && dropout < 1, "dropout must be from 0 to less than 1");
        require(labelSmoothing >= 0 && labelSmoothing < 1, "label_smoothing must be from 0 to less than 1");
        require(maxLength >= 4, "max_length must be at least 4 tokens");
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new TrainingException("hyperparameters: " + message);
        }
    }
}
