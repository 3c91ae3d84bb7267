package dev.anneal.training;

import dev.anneal.spec.Hyperparameters;
import dev.anneal.training.checkpoint.TrainingState;
import dev.anneal.training.optimizer.AdamW;
import dev.anneal.training.optimizer.LearningRate;
import dev.anneal.training.task.Examples;
import java.util.List;
import java.util.SplittableRandom;

/** The steps of a run in their order, from any state on. */
final class TrainingSteps {
    private final TrainingRun.Data data;
    private final Examples train;
    private final AdamW optimizer;
    private final Hyperparameters hyperparameters;
    private final LearningRate learningRate;
    private final DataOrder order;
    private final Progress progress;

    private List<int[]> batches;
    private int epochOfBatches;

    /** {@code train} are the examples of the data, their tokens numbered as the optimizer has them. */
    TrainingSteps(
            TrainingRun.Data data,
            Examples train,
            AdamW optimizer,
            Hyperparameters hyperparameters,
            LearningRate learningRate,
            Progress progress) {
        this.data = data;
        this.train = train;
        this.optimizer = optimizer;
        this.hyperparameters = hyperparameters;
        this.learningRate = learningRate;
        this.order = new DataOrder(hyperparameters.seed());
        this.progress = progress;
    }

    /** Their number in all epochs. */
    static int count(Hyperparameters hyperparameters, Examples train) {
        return Math.multiplyExact(perEpoch(hyperparameters, train), hyperparameters.epochs());
    }

    private static int perEpoch(Hyperparameters hyperparameters, Examples train) {
        int perStep = Math.multiplyExact(hyperparameters.batchSize(), hyperparameters.gradientAccumulationSteps());
        return (train.size() + perStep - 1) / perStep;
    }

    boolean isEpochTrained(TrainingState state) {
        return state.position() >= perEpoch(hyperparameters, train);
    }

    /** How many examples were trained on until then. */
    long examples(TrainingState state) {
        long inEpoch =
                (long) state.position() * hyperparameters.batchSize() * hyperparameters.gradientAccumulationSteps();
        return (state.epoch() - 1L) * train.size() + Math.min(train.size(), inEpoch);
    }

    /** Does the next step of the epoch, and tells where the run stands then. */
    TrainingState next(TrainingState state) {
        long start = System.nanoTime();
        int step = state.step() + 1;
        SplittableRandom random = order.random(step);
        List<TrainingBatch> parts = batches(state).stream()
                .map(numbers -> new TrainingBatch(data, numbers, train.get(numbers), random))
                .toList();
        double count = parts.stream().mapToDouble(TrainingBatch::count).sum();
        if (count == 0) { // all that these texts teach was cut off
            return state.stepped(0, 0);
        }
        double rate = learningRate.at(step);
        double loss = optimizer.step(parts, rate, order.seed(step));
        int examples = parts.stream().mapToInt(part -> part.numbers().length).sum();
        progress.stepped(state.epoch(), step, examples, loss, rate, (System.nanoTime() - start) / 1e9);
        return state.stepped(loss, count);
    }

    private List<int[]> batches(TrainingState state) {
        if (epochOfBatches != state.epoch()) {
            batches = order.batches(state.epoch(), data.train(), hyperparameters.batchSize());
            epochOfBatches = state.epoch();
        }
        int accumulated = hyperparameters.gradientAccumulationSteps();
        int from = state.position() * accumulated;
        return batches.subList(from, Math.min(batches.size(), from + accumulated));
    }
}
