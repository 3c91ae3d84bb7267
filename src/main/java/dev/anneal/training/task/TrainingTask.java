package dev.anneal.training.task;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.anneal.evaluation.Report;
import dev.anneal.evaluation.Tuning;
import dev.anneal.spec.JobSpec;
import dev.anneal.spec.Method;
import dev.anneal.training.process.TrainingException;
import dev.anneal.transformer.Batch;
import dev.anneal.transformer.Model;
import dev.anneal.transformer.TargetScale;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.tokenizer.Tokenizer;
import dev.anneal.transformer.tokenizer.WordSplit;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A task as training sees it: how rows become examples, the targets and the objective of a batch, and the evaluation. */
public interface TrainingTask {
    static TrainingTask of(JobSpec spec, Path baseModel, Tokenizer tokenizer, int maxLength) {
        return switch (spec.task()) {
            case TEXT_CLASSIFICATION, MULTI_LABEL, TEXT_REGRESSION -> new TextTask(spec, tokenizer);
            case TOKEN_CLASSIFICATION ->
                spec.evaluation() == null
                        ? new TokenClassificationTask(spec, tokenizer)
                        : new TokenClassificationTask(spec, tokenizer, WordSplit.read(baseModel));
            case CAUSAL_LM -> new CausalLmTask(spec, tokenizer, baseModel, maxLength);
            case MASKED_LM -> new MaskedLmTask(spec, tokenizer, baseModel, maxLength);
        };
    }

    /** Returns the task with what it takes from all training rows, given as a file and as examples. */
    default TrainingTask fitted(ExampleFile train, Examples examples) {
        return this;
    }

    /** Writes files into a model directory that the model needs for this task besides those of any model. */
    default void addFiles(Path modelDirectory) throws IOException {}

    /** Returns the scale of the numbers to learn, if the task is to learn numbers. */
    default @Nullable TargetScale targetScale() {
        return null;
    }

    /** Returns the factor by which a loss of a training step is multiplied to be reported. */
    default double lossFactor() {
        TargetScale scale = targetScale();
        return scale == null ? 1 : scale.deviation() * scale.deviation();
    }

    /** Returns the objective, the name of the program file with the loss. */
    default String objective() {
        return Model.SUPERVISED;
    }

    /** Returns the examples of a row, mostly one; throws a {@link TrainingException} if the row cannot be used. */
    List<Example> examples(JsonNode row);

    /** Returns the optional fields of the rows that became examples so far, and whether the task uses each of them. */
    default Map<String, Boolean> optionalFields() {
        return Map.of();
    }

    /** Adds what {@link #optionalFields} returned for other rows. */
    default void addOptionalFields(Map<String, Boolean> fields) {}

    /** Returns what the user of the job should know of the rows that became examples so far. */
    default List<String> warnings() {
        return List.of();
    }

    /** Joins examples that are computed as one, if the task packs them. */
    default Examples packed(Examples examples, SplittableRandom random) {
        return examples;
    }

    /** Returns an example as a batch has it, if the task changes examples at random. */
    default Example drawn(Example example, SplittableRandom random) {
        return example;
    }

    /** Returns whether a token of a {@link #drawn} example has a loss. */
    default boolean isLearned(Example example, int token) {
        return false;
    }

    /** Returns the argument {@code batch} of a program, with the targets. */
    default Map<String, NDArray> batch(List<Example> examples, NDManager manager, SplittableRandom random) {
        Map<String, NDArray> batch = Batch.of(Examples.texts(examples), manager);
        addTargets(batch, examples, manager);
        return batch;
    }

    void addTargets(Map<String, NDArray> batch, List<Example> examples, NDManager manager);

    /** Returns weights that are not trained but computed from the model after each epoch, before it is evaluated. */
    default Map<String, float[]> fit(Model model, Runnable check) {
        return Map.of();
    }

    /** Returns the number of losses of an example of which the loss of a batch is the mean. */
    default double count(Example example) {
        return 1;
    }

    /** Returns the weight of an example in the loss of a batch, which is a weighted mean. */
    default double weight(Example example) {
        return count(example);
    }

    /** Returns whether the loss of a batch is the mean of those of its halves, by their weights, and may be computed so. */
    default boolean hasHalves() {
        return true;
    }

    /**
     * Returns whether a job may compute its batches in halves. Language models with all weights may not: each half would need a
     * gradient of the output layer, the largest matrix. Masked tokens are drawn for a whole batch.
     */
    static boolean hasHalves(Task task, Method method) {
        return !task.isLanguageModel()
                || task == Task.CAUSAL_LM && method.type().equals("lora");
    }

    /** Returns the number of losses in a batch of these examples. */
    default long counted(List<Example> examples, Map<String, NDArray> batch) {
        return (long) examples.stream().mapToDouble(this::count).sum();
    }

    /** Returns the report on the examples of a split; {@code file} has their rows. */
    Report evaluate(Evaluator evaluator, Examples examples, String split, ExampleFile file) throws IOException;

    /** Returns what the validation rows say for the report on other rows, if the task can use that; {@code file} has them. */
    default @Nullable Tuning tuning(Evaluator evaluator, Examples validation, ExampleFile file) {
        return null;
    }

    /** Returns fields that a written prediction has besides those of its row, such as the words of a text, which has a tag for each. */
    default Map<String, Object> addedFields(JsonNode row) {
        return Map.of();
    }

    /** Predicts for the rows of a file without comparing them with labels. */
    default void predict(Evaluator evaluator, Examples examples) throws IOException {
        throw new TrainingException("A language model has no predictions for rows.");
    }

    /** Returns the targets of each token, [texts, length], -100 for padding. */
    static NDArray perToken(List<Example> examples, NDManager manager) {
        int length = examples.stream().mapToInt(e -> e.text().length()).max().orElseThrow();
        float[] labels = new float[examples.size() * length];
        java.util.Arrays.fill(labels, Example.IGNORED);
        for (int row = 0; row < examples.size(); row++) {
            float[] target = examples.get(row).target();
            System.arraycopy(target, 0, labels, row * length, target.length);
        }
        try (NDArray floats = manager.create(labels, new ai.djl.ndarray.types.Shape(examples.size(), length))) {
            return floats.toType(ai.djl.ndarray.types.DataType.INT64, true);
        }
    }
}
