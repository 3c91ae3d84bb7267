package dev.anneal.training.fewshot;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.anneal.evaluation.Report;
import dev.anneal.evaluation.linear.LogisticRegression;
import dev.anneal.training.task.Evaluator;
import dev.anneal.training.task.Example;
import dev.anneal.training.task.ExampleFile;
import dev.anneal.training.task.Examples;
import dev.anneal.training.task.TrainingTask;
import dev.anneal.transformer.Batch;
import dev.anneal.transformer.Model;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import tools.jackson.databind.JsonNode;

/**
 * The classification of texts by the method {@code few_shot}, after SetFit (<a href="https://arxiv.org/abs/2209.11055">Tunstall et al.,
 * 2022</a>): the examples are pairs of texts, and the means of their tokens are to be similar if their labels are the
 * same. After each epoch, a logistic regression of the vectors that the last layer sees becomes the last layer.
 *
 * @param texts the task of single texts
 * @param rows the texts to learn
 * @param labels how many labels there are
 */
public record PairTask(TrainingTask texts, Examples rows, int labels) implements TrainingTask {
    /** Returns the pairs to train on. */
    public Examples pairs(long seed) {
        int[] numbers = numbers();
        TextPairs pairs = TextPairs.draw(numbers, labels, new SplittableRandom(seed));
        return rows.pairs(pairs.first(), pairs.second());
    }

    /** Returns the number of the label of each text. */
    private int[] numbers() {
        return rows.stream().mapToInt(PairTask::label).toArray();
    }

    private static int label(Example text) {
        return (int) text.target()[0];
    }

    @Override
    public String objective() {
        return "similarity";
    }

    @Override
    public void addTargets(Map<String, NDArray> batch, List<Example> examples, NDManager manager) {
        float[] similar = new float[examples.size()];
        for (int i = 0; i < similar.length; i++) {
            List<Example.Sequence> pair = examples.get(i).sequences();
            similar[i] = pair.get(0).target()[0] == pair.get(1).target()[0] ? 1 : 0;
        }
        batch.put("labels", manager.create(similar));
    }

    @Override
    public Map<String, float[]> fit(Model model, Runnable check) {
        float[][] vectors = new float[rows.size()][];
        for (int[] batch : Evaluator.batches(rows)) {
            check.run();
            try (NDManager arrays = model.newBatchManager()) {
                float[] found = model.infer(arrays, "pooled", Batch.of(Examples.texts(rows.get(batch)), arrays), 0.0)
                        .toFloatArray();
                int width = found.length / batch.length;
                for (int i = 0; i < batch.length; i++) {
                    vectors[batch[i]] = java.util.Arrays.copyOfRange(found, i * width, (i + 1) * width);
                }
            }
        }
        LogisticRegression fitted = LogisticRegression.fit(vectors, numbers(), labels, check);
        return Map.of("classifier.weight", fitted.weights(), "classifier.bias", fitted.intercepts());
    }

    @Override
    public List<Example> examples(JsonNode row) {
        return texts.examples(row);
    }

    @Override
    public void addFiles(Path modelDirectory) throws IOException {
        texts.addFiles(modelDirectory);
    }

    @Override
    public Report evaluate(Evaluator evaluator, Examples examples, String split, ExampleFile file) throws IOException {
        return texts.evaluate(evaluator, examples, split, file);
    }
}
