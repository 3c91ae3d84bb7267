package dev.anneal.training;

import dev.anneal.transformer.Encoded;
import java.util.Arrays;
import java.util.List;

/** The rows of a file in its order, as tokens and as numbers of labels; the texts themselves are not kept. */
record Examples(List<Encoded> texts, int[] labels) {
    static final Examples NONE = new Examples(List.of(), new int[0]);

    int size() {
        return labels.length;
    }

    int[] lengths() {
        return texts.stream().mapToInt(Encoded::length).toArray();
    }

    List<Encoded> texts(int[] examples) {
        return Arrays.stream(examples).mapToObj(texts::get).toList();
    }

    long[] labels(int[] examples) {
        return Arrays.stream(examples).mapToLong(i -> labels[i]).toArray();
    }
}
