package dev.anneal.transformer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.anneal.transformer.tokenizer.Encoded;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The argument {@code batch} of a program: texts, padded on the right to the longest of them. */
public final class Batch {
    private Batch() {}

    /**
     * Returns the arrays {@code ids} and {@code segments}, and {@code types} if there are pairs, each an int64 array of
     * [texts, length of the longest], owned by the manager. The map is mutable.
     */
    public static Map<String, NDArray> of(List<Encoded> texts, NDManager manager) {
        int length = texts.stream().mapToInt(Encoded::length).max().orElseThrow();
        long[] ids = new long[texts.size() * length];
        long[] segments = new long[ids.length];
        long @Nullable [] types = texts.stream().anyMatch(text -> text.types() != null) ? new long[ids.length] : null;
        for (int row = 0; row < texts.size(); row++) {
            Encoded text = texts.get(row);
            for (int i = 0; i < text.length(); i++) {
                ids[row * length + i] = text.ids()[i];
                segments[row * length + i] = text.segments() == null ? 1 : text.segments()[i];
                if (types != null && text.types() != null) {
                    types[row * length + i] = text.types()[i];
                }
            }
        }
        Shape shape = new Shape(texts.size(), length);
        Map<String, NDArray> batch = new HashMap<>();
        batch.put("ids", manager.create(ids, shape));
        batch.put("segments", manager.create(segments, shape));
        if (types != null) {
            batch.put("types", manager.create(types, shape));
        }
        return batch;
    }
}
