package dev.anneal.training.forgetting;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.anneal.evaluation.forgetting.Forgetting;
import dev.anneal.evaluation.forgetting.TextFigure;
import dev.anneal.transformer.Batch;
import dev.anneal.transformer.Model;
import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.Head;
import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.tokenizer.Encoded;
import dev.anneal.transformer.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** The cosine of two texts, each the mean of the states of its tokens after the last layer. It needs no head. */
record PairSimilarity(Tokenizer tokenizer, ModelConfig base, String device) implements Measure<List<Encoded>> {
    @Override
    public Forgetting.Measure kind() {
        return Forgetting.Measure.SIMILARITY;
    }

    @Override
    public Model base(Path directory) {
        return load(directory);
    }

    @Override
    public Model trained(Path directory) {
        return load(directory);
    }

    /** Loads the encoder. It must have some head, which is not computed. */
    private Model load(Path directory) {
        Architecture architecture = Architecture.of(base);
        Head head = architecture.head(Task.TOKEN_CLASSIFICATION, base, 1);
        return Model.load(
                directory,
                base.withHead(head, List.of("none")),
                head,
                device,
                architecture.layers(base), // so that the program returns the states after all layers
                null,
                (name, shape) -> new float[Math.toIntExact(shape.size())]);
    }

    @Override
    public List<List<Encoded>> probe() {
        return GeneralText.pairs().stream()
                .map(pair -> pair.stream()
                        .map(sentence -> tokenizer.encode(sentence, null))
                        .toList())
                .toList();
    }

    /** Returns the pairs of the first and second text, the third and fourth, and so on. */
    @Override
    public List<List<Encoded>> of(List<JsonNode> rows) {
        List<List<Encoded>> pairs = new ArrayList<>();
        for (int i = 0; i + 1 < rows.size(); i += 2) {
            pairs.add(List.of(encoded(rows.get(i)), encoded(rows.get(i + 1))));
        }
        return pairs;
    }

    private Encoded encoded(JsonNode row) {
        String pair = row.path("text_pair").asString(null);
        return row.has("tokens")
                ? tokenizer.encode(MaskedTokens.words(row), null)
                : tokenizer.encode(row.path("text").asString(""), pair);
    }

    @Override
    public TextFigure figure(Model model, List<Encoded> pair, int number, NDManager arrays) {
        double[] first = mean(model, pair.get(0), arrays);
        double[] second = mean(model, pair.get(1), arrays);
        double lengths = Math.sqrt(product(first, first) * product(second, second));
        return new TextFigure(lengths == 0 ? 0 : product(first, second) / lengths, 1);
    }

    private static double[] mean(Model model, Encoded text, NDManager arrays) {
        try (NDArray states = model.infer(arrays, "frozen_forward", Batch.of(List.of(text), arrays))) {
            float[] numbers = states.toFloatArray();
            double[] mean = new double[numbers.length / text.length()];
            for (int i = 0; i < numbers.length; i++) {
                mean[i % mean.length] += numbers[i] / text.length();
            }
            return mean;
        }
    }

    private static double product(double[] left, double[] right) {
        double sum = 0;
        for (int i = 0; i < left.length; i++) {
            sum += left[i] * right[i];
        }
        return sum;
    }
}
