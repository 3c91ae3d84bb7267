package dev.anneal.training.task;

import dev.anneal.transformer.tokenizer.Encoded;
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
