package dev.anneal.spec;

import static dev.anneal.spec.Hyperparameter.choice;
import static dev.anneal.spec.Hyperparameter.flag;
import static dev.anneal.spec.Hyperparameter.integer;
import static dev.anneal.spec.Hyperparameter.number;
import static dev.anneal.spec.Hyperparameter.weights;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.anneal.transformer.architecture.Task;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The hyperparameters of a job: a value for each one that is declared here. The declaration decides how a request is read and
 * checked, what {@code auto} means, what the API shows, and the option of the command line. A document from before a
 * hyperparameter was declared gets its constant default.
 */
public record Hyperparameters(@JsonValue Map<String, @Nullable Object> values) {
    /** The course of the learning rate after the warm-up. */
    public enum Schedule {
        LINEAR,
        COSINE,
        CONSTANT
    }

    private static final Hyperparameter<Integer> EPOCHS =
            integer("epochs", 1, 1000, null, "Passes over the training rows.").auto(AutoHyperparameters::epochs);
    private static final Hyperparameter<Integer> BATCH_SIZE = integer(
                    "batch_size", 1, 1024, null, "Examples of one forward pass.")
            .auto(AutoHyperparameters::batchSize);
    private static final Hyperparameter<Integer> GRADIENT_ACCUMULATION_STEPS =
            integer("gradient_accumulation_steps", 1, 1024, 1, "Batches per optimizer step.");
    private static final Hyperparameter<Double> LEARNING_RATE = number(
                    "learning_rate", 1e-8, 1, null, "Peak learning rate, such as 5e-5.")
            .auto(AutoHyperparameters::learningRate);
    private static final Hyperparameter<String> LR_SCHEDULER_TYPE = choice(
            "lr_scheduler_type",
            List.of("linear", "cosine", "constant"),
            "linear",
            "Course of the learning rate after the warmup.");
    private static final Hyperparameter<Double> WARMUP_RATIO =
            number("warmup_ratio", 0, 0.99, 0.1, "Share of the steps in which the learning rate rises.");
    private static final Hyperparameter<Integer> WARMUP_STEPS =
            integer("warmup_steps", 0, 10_000_000, null, "Warmup as a number of steps, in place of a share.");
    private static final Hyperparameter<Double> LAYERWISE_LR_DECAY =
            number("layerwise_lr_decay", 0.01, 1, 1.0, "Factor of the learning rate from each layer to the one below.");
    private static final Hyperparameter<Double> WEIGHT_DECAY =
            number("weight_decay", 0, 1, 0.01, "AdamW's weight decay.");
    public static final Hyperparameter<Double> L2_TO_BASE = number(
            "l2_to_base",
            0,
            100_000,
            0.0,
            "Pull of the weights towards those of the base model, such as 50; 0 is none.");
    public static final Hyperparameter<Double> UNFREEZE_RANK_RATIO = number(
            "unfreeze_rank_ratio",
            0.01,
            1,
            1.0,
            "Share of the directions of each matrix that may change; the main ones stay (OSFT).");
    private static final Hyperparameter<Double> ADAM_BETA2 =
            number("adam_beta2", 0, 0.99999, 0.999, "Decay rate of AdamW's average of squared gradients.");
    private static final Hyperparameter<Double> MAX_GRAD_NORM =
            number("max_grad_norm", 0, 1e6, 1.0, "Gradients are clipped to this norm; 0 turns clipping off.");
    private static final Hyperparameter<Double> DROPOUT =
            number("dropout", 0, 0.9, null, "Dropout.").auto(AutoHyperparameters::dropout);
    public static final Hyperparameter<Double> LABEL_SMOOTHING =
            number("label_smoothing", 0, 0.9, 0.0, "Label smoothing.").onlyFor("tasks with labels", Task::hasLabels);
    public static final Hyperparameter<Map<String, Double>> CLASS_WEIGHTS = weights(
                    "class_weights", "Weights of labels in the loss, such as rare=3,common=0.5; or balanced.")
            .onlyFor(
                    "token-classification, and to text-classification with one label per text",
                    task -> task == Task.TEXT_CLASSIFICATION || task == Task.TOKEN_CLASSIFICATION);
    private static final Hyperparameter<Integer> MAX_LENGTH = integer(
                    "max_length", 4, 1 << 20, null, "Tokens per text; longer texts are truncated.")
            .auto(AutoHyperparameters::maxLength);
    /** Before there was a bound, all rows were evaluated. */
    private static final Hyperparameter<Integer> EVALUATION_ROWS = integer(
                    "evaluation_rows",
                    1,
                    10_000_000,
                    10_000_000,
                    "The most validation rows and the most test rows that are evaluated.")
            .auto(AutoHyperparameters::evaluationRows);

    private static final Hyperparameter<Integer> EVAL_STEPS =
            integer("eval_steps", 1, 10_000_000, null, "Validate every so many steps, and after each epoch.");
    /** The precision of all attempts. If it is {@code auto}, the worker that runs the first attempt decides. */
    private static final Hyperparameter<String> PRECISION =
            choice("precision", List.of("auto", "fp32", "bf16"), "auto", "Precision of the forward and backward pass.");

    private static final Hyperparameter<Boolean> GRADIENT_CHECKPOINTING =
            flag("gradient_checkpointing", "Compute activations again in the backward pass, to save memory.");

    private static final Hyperparameter<Integer> SEED = integer(
            "seed", 0, Integer.MAX_VALUE, 42, "Seed of all random numbers. The same seed gives the same model.");

    public static final List<Hyperparameter<?>> ALL = List.of(
            EPOCHS,
            BATCH_SIZE,
            GRADIENT_ACCUMULATION_STEPS,
            LEARNING_RATE,
            LR_SCHEDULER_TYPE,
            WARMUP_RATIO,
            WARMUP_STEPS,
            LAYERWISE_LR_DECAY,
            WEIGHT_DECAY,
            L2_TO_BASE,
            UNFREEZE_RANK_RATIO,
            ADAM_BETA2,
            MAX_GRAD_NORM,
            DROPOUT,
            LABEL_SMOOTHING,
            CLASS_WEIGHTS,
            MAX_LENGTH,
            EVALUATION_ROWS,
            EVAL_STEPS,
            PRECISION,
            GRADIENT_CHECKPOINTING,
            SEED);

    @JsonCreator
    public Hyperparameters {
        Map<String, @Nullable Object> complete = new LinkedHashMap<>();
        for (Hyperparameter<?> each : ALL) {
            Object value = values.get(each.name());
            complete.put(each.name(), value == null ? each.auto() : each.typed(value));
        }
        values = Collections.unmodifiableMap(complete); // Map.of takes no null
    }

    public int epochs() {
        return get(EPOCHS);
    }

    public int batchSize() {
        return get(BATCH_SIZE);
    }

    public int gradientAccumulationSteps() {
        return get(GRADIENT_ACCUMULATION_STEPS);
    }

    public double learningRate() {
        return get(LEARNING_RATE);
    }

    public Schedule lrSchedulerType() {
        return Schedule.valueOf(get(LR_SCHEDULER_TYPE).toUpperCase(Locale.ROOT));
    }

    public double warmupRatio() {
        return get(WARMUP_RATIO);
    }

    /** Returns null if the warm-up is a share of all steps. */
    public @Nullable Integer warmupSteps() {
        return find(WARMUP_STEPS);
    }

    public double layerwiseLrDecay() {
        return get(LAYERWISE_LR_DECAY);
    }

    public double weightDecay() {
        return get(WEIGHT_DECAY);
    }

    /** Returns the share of the learning rate by which weights move towards those of the base model in a step; 0 for none. */
    public double l2ToBase() {
        return get(L2_TO_BASE);
    }

    /** Returns the share of the rank of each matrix that may change; 1 for all of it. */
    public double unfreezeRankRatio() {
        return get(UNFREEZE_RANK_RATIO);
    }

    /** Returns whether the trained weights depend on those of the base model in each step. */
    public boolean staysNearBase() {
        return l2ToBase() > 0 || unfreezeRankRatio() < 1;
    }

    public double adamBeta2() {
        return get(ADAM_BETA2);
    }

    public double maxGradNorm() {
        return get(MAX_GRAD_NORM);
    }

    public double dropout() {
        return get(DROPOUT);
    }

    public double labelSmoothing() {
        return get(LABEL_SMOOTHING);
    }

    /** Returns null if all labels have the same weight. */
    public @Nullable Map<String, Double> classWeights() {
        return find(CLASS_WEIGHTS);
    }

    public int maxLength() {
        return get(MAX_LENGTH);
    }

    /** Returns the most rows of the validation split, and of the test split, that are evaluated. */
    public int evaluationRows() {
        return get(EVALUATION_ROWS);
    }

    /** Returns the number of steps after which the training validates within an epoch; null if it does so only after each epoch. */
    public @Nullable Integer evalSteps() {
        return find(EVAL_STEPS);
    }

    /** auto, fp32 or bf16. */
    public String precision() {
        return get(PRECISION);
    }

    /** Returns null if it depends on the memory of the slot that runs the job. */
    public @Nullable Boolean gradientCheckpointing() {
        return find(GRADIENT_CHECKPOINTING);
    }

    public int seed() {
        return get(SEED);
    }

    /** Returns these hyperparameters with another precision. */
    public Hyperparameters withPrecision(String precision) {
        Map<String, @Nullable Object> changed = new LinkedHashMap<>(values);
        changed.put(PRECISION.name(), precision);
        return new Hyperparameters(changed);
    }

    /** Returns what is wrong with a document that a person wrote. A request has narrower limits. */
    List<String> problems() {
        List<String> problems = new ArrayList<>();
        for (Hyperparameter<?> each : ALL) {
            Object value = values.get(each.name());
            if (value == null && each.rule() != null) {
                problems.add(each.name() + " is missing");
            } else if (value != null && !each.canCompute(value)) {
                problems.add(each.name() + " cannot be " + value);
            }
        }
        return problems;
    }

    private <T> T get(Hyperparameter<T> hyperparameter) {
        return Objects.requireNonNull(find(hyperparameter), hyperparameter.name());
    }

    @SuppressWarnings("unchecked")
    private <T> @Nullable T find(Hyperparameter<T> hyperparameter) {
        return (T) values.get(hyperparameter.name());
    }
}
