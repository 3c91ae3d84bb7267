package dev.anneal.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.anneal.training.optimizer.AdamW;
import dev.anneal.transformer.Model;
import java.util.HashMap;
import java.util.Map;

/** The weights of the best epoch in memory, where the disk had no room for its model: it may have some in the end. */
record BestWeightsInMemory(Map<String, NDArray> weights) implements AutoCloseable {
    static BestWeightsInMemory of(Model model, Iterable<String> trained, NDManager arrays) {
        Map<String, NDArray> weights = new HashMap<>();
        for (String name : trained) {
            NDArray copy = model.weights().get(name).duplicate();
            copy.attach(arrays);
            weights.put(name, copy);
        }
        return new BestWeightsInMemory(weights);
    }

    /** The model is again what it was then; training is over. */
    void bringBack(Model model, AdamW optimizer) {
        weights.forEach((name, copy) -> optimizer.copy(model.weights().get(name), copy));
    }

    @Override
    public void close() {
        weights.values().forEach(NDArray::close);
    }
}
