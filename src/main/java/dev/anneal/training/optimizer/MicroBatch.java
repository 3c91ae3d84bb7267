package dev.anneal.training.optimizer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.Map;

/** Examples that go through the model at once. One or more micro-batches make a step. */
public interface MicroBatch {
    /** Returns the argument {@code batch} of a program; the arrays belong to the manager. */
    Map<String, NDArray> tensors(NDManager manager);

    /** Returns the number of losses that the loss of this micro-batch is the mean of, or the sum of their weights. */
    double count();

    /** Returns two micro-batches that together have the same examples, or this one alone if it cannot be halved. */
    default List<? extends MicroBatch> halves() {
        return List.of(this);
    }
}
