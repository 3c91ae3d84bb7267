package dev.anneal.training.task;

import java.util.Arrays;
import java.util.List;

/** The examples of a file in its order, and their lengths in tokens; the texts themselves are not kept. */
public record Examples(List<Example> all, int[] lengths) {
    static final Examples NONE = new Examples(List.of());

    public Examples(List<Example> all) {
        this(all, all.stream().mapToInt(example -> example.text().length()).toArray());
    }

    public int size() {
        return all.size();
    }

    public List<Example> get(int[] examples) {
        return Arrays.stream(examples).mapToObj(all::get).toList();
    }
}
