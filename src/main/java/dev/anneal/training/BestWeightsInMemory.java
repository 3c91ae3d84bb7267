package dev.anneal.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.anneal.training.optimizer.TrainableModel;
import dev.anneal.transformer.Model;
import java.util.HashMap;
import java.util.Map;

/** The weights of the best epoch in memory, kept if its model could not be written: there may be room on the disk later. */
record BestWeightsInMemory(Map<String, NDArray> weights) implements AutoCloseable {
    static BestWeightsInMemory of(Model model, Iterable<String> trained, NDManager arrays) {
        Map<String, NDArray> weights = new HashMap<>();
        for (String name : trained) {
            NDArray copy = model.weight(name).duplicate();
            copy.attach(arrays);
            weights.put(name, copy);
        }
        return new BestWeightsInMemory(weights);
    }

    /** Copies the weights back into the model. Training cannot continue after that. */
    void restore(Model model, TrainableModel trained) {
        weights.forEach((name, copy) -> trained.copy(model.weight(name), copy));
    }

    @Override
    public void close() {
        weights.values().forEach(NDArray::close);
    }
}
