package dev.anneal.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.anneal.training.optimizer.MicroBatch;
import dev.anneal.transformer.Batch;
import dev.anneal.transformer.tokenizer.Encoded;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Texts and the numbers of their labels, for a step. */
public record TestMicroBatch(List<Encoded> texts, long[] labels) implements MicroBatch {
    public static TestMicroBatch of(List<Encoded> texts, long... labels) {
        return new TestMicroBatch(texts, labels);
    }

    @Override
    public Map<String, NDArray> tensors(NDManager manager) {
        Map<String, NDArray> batch = Batch.of(texts, manager);
        batch.put("labels", manager.create(labels));
        return batch;
    }

    @Override
    public double count() {
        return texts.size();
    }

    @Override
    public List<TestMicroBatch> halves() {
        return texts.size() < 2 ? List.of(this) : List.of(everySecond(0), everySecond(1));
    }

    private TestMicroBatch everySecond(int first) {
        int[] places =
                IntStream.range(0, texts.size()).filter(i -> i % 2 == first).toArray();
        return new TestMicroBatch(
                Arrays.stream(places).mapToObj(texts::get).toList(),
                Arrays.stream(places).mapToLong(i -> labels[i]).toArray());
    }
}
