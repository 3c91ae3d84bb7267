package dev.anneal.training;

import java.util.Arrays;
import java.util.List;

/** The examples of a file in its order, and their lengths in tokens; the texts themselves are not kept. */
record Examples(List<Example> all, int[] lengths) {
    static final Examples NONE = new Examples(List.of());

    Examples(List<Example> all) {
        this(all, all.stream().mapToInt(example -> example.text().length()).toArray());
    }

    int size() {
        return all.size();
    }

    List<Example> get(int[] examples) {
        return Arrays.stream(examples).mapToObj(all::get).toList();
    }
}
