package dev.anneal.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.anneal.spec.Hyperparameters;
import dev.anneal.training.checkpoint.TrainingState;
import dev.anneal.training.optimizer.MicroBatch;
import dev.anneal.training.task.Example;
import dev.anneal.training.task.Examples;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The micro-batches of each step, in an order that follows from the seed, so that a run can resume at any step. */
final class DataLoader {
    private final TrainingData data;
    private final Examples train;
    private final int batchSize;
    private final int accumulation;
    private final DataOrder order;

    private List<int[]> batches = List.of();
    private int epochOfBatches;

    /** {@code train} are the training examples with the tokens as the trained embeddings number them. */
    DataLoader(TrainingData data, Examples train, Hyperparameters hyperparameters) {
        this.data = data;
        this.train = train;
        this.batchSize = hyperparameters.batchSize();
        this.accumulation = hyperparameters.gradientAccumulationSteps();
        this.order = new DataOrder(hyperparameters.seed());
    }

    /** A micro-batch; {@code numbers} are those of its examples in the data. */
    private record Part(TrainingData data, int[] numbers, List<Example> examples, SplittableRandom random)
            implements MicroBatch {
        @Override
        public Map<String, NDArray> tensors(NDManager manager) {
            Map<String, NDArray> batch = data.task().batch(examples, manager, random);
            if (data.frozen() != null) {
                batch.putAll(data.frozen().of(data.train(), numbers, manager));
            }
            return batch;
        }

        @Override
        public double count() {
            return examples.stream().mapToDouble(data.task()::weight).sum();
        }

        /** Deals the examples out in turn: they are sorted by length, and the halves shall take the same time. */
        @Override
        public List<Part> halves() {
            if (!data.task().hasHalves()) {
                return List.of(this);
            }
            List<Part> halves = Stream.of(everySecond(0), everySecond(1))
                    .filter(half -> half.count() > 0)
                    .toList();
            return halves.size() == 2 ? halves : List.of(this);
        }

        private Part everySecond(int first) {
            int[] places = IntStream.range(0, numbers.length)
                    .filter(i -> i % 2 == first)
                    .toArray();
            return new Part(
                    data,
                    Arrays.stream(places).map(i -> numbers[i]).toArray(),
                    Arrays.stream(places).mapToObj(examples::get).toList(),
                    random);
        }
    }

    /** Returns the number of steps in all epochs with so many training examples. */
    static int steps(int examples, Hyperparameters hyperparameters) {
        return Math.multiplyExact(
                stepsPerEpoch(examples, hyperparameters.batchSize(), hyperparameters.gradientAccumulationSteps()),
                hyperparameters.epochs());
    }

    int stepsPerEpoch() {
        return stepsPerEpoch(train.size(), batchSize, accumulation);
    }

    private static int stepsPerEpoch(int examples, int batchSize, int accumulation) {
        int perStep = Math.multiplyExact(batchSize, accumulation);
        return (examples + perStep - 1) / perStep;
    }

    /** Returns whether the epoch has steps left. */
    boolean hasNext(TrainingState state) {
        return state.position() < stepsPerEpoch();
    }

    /** Returns the micro-batches of the next step, without those that have nothing to learn. */
    List<? extends MicroBatch> next(TrainingState state) {
        SplittableRandom random = order.random(state.step() + 1);
        return batchesOf(state).stream()
                .map(numbers -> new Part(data, numbers, train.get(numbers), random))
                .filter(part -> part.count() > 0)
                .toList();
    }

    /** Returns the seed of a step, counted from 1. */
    long seed(int step) {
        return order.seed(step);
    }

    /** Returns the number of examples in the next step. */
    int examplesInNext(TrainingState state) {
        return batchesOf(state).stream().mapToInt(batch -> batch.length).sum();
    }

    /** Returns how many examples the steps before this state, in all epochs, were trained on. */
    long examplesBefore(TrainingState state) {
        return (state.epoch() - 1L) * train.size() + examplesInEpoch(state);
    }

    /** Returns how many examples the steps before this state, in its epoch, were trained on. */
    long examplesInEpoch(TrainingState state) {
        return Math.min(train.size(), (long) state.position() * batchSize * accumulation);
    }

    private List<int[]> batchesOf(TrainingState state) {
        if (epochOfBatches != state.epoch()) {
            batches = order.batches(state.epoch(), data.train(), batchSize);
            epochOfBatches = state.epoch();
        }
        int from = state.position() * accumulation;
        return batches.subList(from, Math.min(batches.size(), from + accumulation));
    }
}
