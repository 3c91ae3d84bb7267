package dev.anneal.training.task;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.anneal.evaluation.Report;
import dev.anneal.spec.JobSpec;
import dev.anneal.training.process.TrainingException;
import dev.anneal.transformer.Batch;
import dev.anneal.transformer.Model;
import dev.anneal.transformer.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import tools.jackson.databind.JsonNode;

/** What training has to know of a task: how rows become examples, what a batch teaches, and how good a model is. */
public interface TrainingTask {
    static TrainingTask of(JobSpec spec, Path baseModel, Tokenizer tokenizer, int maxLength) {
        return switch (spec.task()) {
            case TEXT_CLASSIFICATION, MULTI_LABEL, TEXT_REGRESSION -> new TextTask(spec, tokenizer);
            case TOKEN_CLASSIFICATION -> new TaggingTask(spec, tokenizer);
            case CAUSAL_LM -> new CausalTask(spec, tokenizer, baseModel, maxLength);
            case MASKED_LM -> new MaskedTask(spec, tokenizer, baseModel, maxLength);
        };
    }

    /** Returns the objective, the name of the program file with the loss. */
    default String objective() {
        return Model.SUPERVISED;
    }

    /** The examples of a row, mostly one; a row that cannot be used is a {@link TrainingException} with the reason. */
    List<Example> examples(JsonNode row);

    /** Puts examples together that are to be computed as one; as they are, where nothing is gained. */
    default Examples packed(Examples examples, SplittableRandom random) {
        return examples;
    }

    /** The argument {@code batch} of a program, with what is to be learned. */
    default Map<String, NDArray> batch(List<Example> examples, NDManager manager, SplittableRandom random) {
        Map<String, NDArray> batch = Batch.of(Examples.texts(examples), manager);
        addTargets(batch, examples, manager);
        return batch;
    }

    void addTargets(Map<String, NDArray> batch, List<Example> examples, NDManager manager);

    /** How many things the mean loss of a batch is the mean of. */
    default double count(Example example) {
        return 1;
    }

    /** How good the model is on the rows of a file, of whose split the report bears the name. */
    Report evaluate(Evaluator evaluator, Examples examples, String split, ExampleFile file) throws IOException;

    /** Targets of each token, -100 where the batch is padded, as [texts, length]. */
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
