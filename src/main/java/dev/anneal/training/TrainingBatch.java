package dev.anneal.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.anneal.training.optimizer.AdamW;
import dev.anneal.training.task.Example;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Examples of the data, by their numbers, as a part of a step; their tokens may be numbered otherwise than in the data. */
record TrainingBatch(TrainingRun.Data data, int[] numbers, List<Example> examples, SplittableRandom random)
        implements AdamW.Part {
    @Override
    public Map<String, NDArray> batch(NDManager manager) {
        Map<String, NDArray> batch = data.task().batch(examples, manager, random);
        if (data.frozen() != null) {
            batch.putAll(data.frozen().of(data.train(), numbers, manager));
        }
        return batch;
    }

    @Override
    public double count() {
        return examples.stream().mapToDouble(data.task()::count).sum();
    }
}
