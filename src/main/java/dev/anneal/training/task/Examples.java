package dev.anneal.training.task;

import dev.anneal.evaluation.Truncation;
import dev.anneal.transformer.tokenizer.Encoded;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/** The examples of a file in its order, and the length of each in tokens. The rows themselves are not kept. */
public record Examples(List<Example> all, int[] lengths) {
    static final Examples NONE = new Examples(List.of());

    public Examples(List<Example> all) {
        this(all, all.stream().mapToInt(Example::length).toArray());
    }

    public int size() {
        return all.size();
    }

    /** Returns the number of examples that were cut because they are too long. */
    public int truncated() {
        return (int) all.stream().filter(example -> example.cut().tokens() > 0).count();
    }

    /** Returns the number of tokens that were left out of the examples. */
    public long tokensLeftOut() {
        return all.stream().mapToLong(example -> example.cut().tokens()).sum();
    }

    /** Returns the number of tokens that the longest example had before it was cut. */
    public int longestUncut() {
        return all.stream()
                .mapToInt(example -> example.length() + example.cut().tokens())
                .max()
                .orElse(0);
    }

    /** Returns how many of the tokens that were left out would have been learned. */
    public long targetsLeftOut() {
        return all.stream().mapToLong(example -> example.cut().targets()).sum();
    }

    Truncation truncation() {
        return new Truncation(truncated(), tokensLeftOut());
    }

    /** Returns the first example of each row. */
    List<Example> firstOfRows() {
        return all.stream().filter(example -> example.window().number() == 0).toList();
    }

    /** Returns the scores of each row, the mean of those of its examples. */
    float[][] byRow(float[][] scores) {
        List<float[]> rows = new ArrayList<>();
        int windows = 1;
        for (int i = 0; i < scores.length; i++) {
            if (all.get(i).window().number() == 0) {
                rows.add(scores[i]);
                windows = 1;
                continue;
            }
            windows++;
            float[] mean = rows.get(rows.size() - 1);
            for (int k = 0; k < mean.length; k++) {
                mean[k] += (scores[i][k] - mean[k]) / windows;
            }
        }
        return rows.toArray(float[][]::new);
    }

    /** Returns the examples that have something to learn. */
    public Examples learnable(TrainingTask task) {
        List<Example> learnable =
                all.stream().filter(example -> task.count(example) > 0).toList();
        return learnable.size() == all.size() ? this : new Examples(learnable);
    }

    public List<Example> get(int[] examples) {
        return Arrays.stream(examples).mapToObj(all::get).toList();
    }

    /** Returns all texts of examples in their order. */
    public static List<Encoded> texts(List<Example> examples) {
        return examples.stream()
                .flatMap(example -> example.sequences().stream())
                .map(Example.Sequence::text)
                .toList();
    }

    /** Returns the examples with each text replaced by one of the same length. */
    public Examples withTexts(UnaryOperator<Encoded> replacement) {
        return new Examples(
                all.stream().map(example -> example.withTexts(replacement)).toList(), lengths);
    }
}
