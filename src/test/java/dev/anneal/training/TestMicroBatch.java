package dev.anneal.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.anneal.training.optimizer.MicroBatch;
import dev.anneal.transformer.Batch;
import dev.anneal.transformer.tokenizer.Encoded;
import java.util.List;
import java.util.Map;

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
}
