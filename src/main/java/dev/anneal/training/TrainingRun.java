package dev.anneal.training;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDManager;
import dev.anneal.evaluation.Report;
import dev.anneal.transformer.Model;
import dev.anneal.transformer.ModelDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Trains a model epoch by epoch, validates it after each, and saves the best one so far. */
final class TrainingRun {
    /** What is trained and validated, and by what; {@code frozen} may be null. */
    record Data(
            TrainingTask task, Examples train, Examples validation, ExampleFile validationFile, FrozenOutputs frozen) {}

    private final TrainingSpec spec;
    private final Hyperparameters hyperparameters;
    private final Model model;
    private final Evaluator evaluator;
    private final Data data;
    private final EventStream events;
    private final Path modelDirectory;
    private final int maxLength;

    private final int steps;
    private final LearningRate learningRate;
    private final SplittableRandom order;
    private final long stepSeed;
    private final Progress progress;
    private final Probe probe;
    /** Those of the data, their tokens numbered as the optimizer has them. */
    private Examples train;

    private int step;

    TrainingRun(
            TrainingSpec spec,
            Model model,
            Evaluator evaluator,
            Data data,
            EventStream events,
            Path modelDirectory,
            int maxLength) {
        this.spec = spec;
        this.hyperparameters = spec.hyperparameters();
        this.model = model;
        this.evaluator = evaluator;
        this.data = data;
        this.events = events;
        this.modelDirectory = modelDirectory;
        this.maxLength = maxLength;
        this.steps = steps(hyperparameters, data.train());
        this.learningRate = LearningRate.of(hyperparameters, steps);
        this.order = new SplittableRandom(hyperparameters.seed());
        this.stepSeed = order.nextLong() >>> 1;
        this.progress = new Progress(
                events,
                hyperparameters.epochs(),
                steps,
                data.train().size(),
                data.validation().size());
        this.train = data.train();
        this.probe = new Probe(data.train());
    }

    /** Number of steps of all epochs. */
    static int steps(Hyperparameters hyperparameters, Examples train) {
        int perStep = Math.multiplyExact(hyperparameters.batchSize(), hyperparameters.gradientAccumulationSteps());
        return Math.multiplyExact((train.size() + perStep - 1) / perStep, hyperparameters.epochs());
    }

    /** What the best model said about a few texts, for whoever reads it back. */
    Probe probe() {
        return probe;
    }

    /** Runs all epochs, or as many as early stopping lets; the best one's model is then in its directory. */
    BestEpoch run(Precision precision) throws IOException {
        EpochMetrics best = null;
        EpochMetrics lastGain = null;
        tellWhereItStarts();
        try (PtNDManager arrays = model.newManager();
                AdamW optimizer = optimizer(precision, UsedTokens.of(spec, model, data.train(), arrays))) {
            for (int epoch = 1; epoch <= hyperparameters.epochs(); epoch++) {
                EpochMetrics metrics = epoch(epoch, optimizer);
                events.emit(TrainerEvent.EPOCH, metrics);
                if (isBetter(metrics, best)) {
                    best = metrics;
                    save(best);
                }
                if (spec.earlyStopping() != null) {
                    if (lastGain == null
                            || spec.selection().gain(metrics, lastGain)
                                    > spec.earlyStopping().minDelta()) {
                        lastGain = metrics;
                    } else if (epoch - lastGain.epoch() >= spec.earlyStopping().patience()) {
                        events.log("info", "stopped early: epoch " + best.epoch() + " stays the best");
                        break;
                    }
                }
            }
        }
        return bestEpoch(best);
    }

    private AdamW optimizer(Precision precision, UsedTokens used) {
        if (used != null) {
            train = used.renumbered(data.train());
        }
        return new AdamW(model, spec.method(), hyperparameters, precision, used);
    }

    /** A language model knows something before it is trained; whoever adapts it wants to see by how much it gets better. */
    private void tellWhereItStarts() throws IOException {
        if (spec.task().isLanguageModel() && data.validation().size() > 0) {
            Report report = data.task().evaluate(evaluator, data.validation(), "validation", data.validationFile());
            events.log(
                    "info",
                    "before training: validation loss %.4f"
                            .formatted(report.metrics().get("loss")));
        }
    }

    private final class Batch implements AdamW.Part {
        private final int[] numbers;
        private final List<Example> examples;
        private final SplittableRandom random;

        Batch(int[] numbers, SplittableRandom random) {
            this.numbers = numbers;
            this.examples = train.get(numbers);
            this.random = random;
        }

        @Override
        public Map<String, NDArray> batch(PtNDManager manager) {
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

    private EpochMetrics epoch(int epoch, AdamW optimizer) throws IOException {
        long start = System.nanoTime();
        double lossSum = 0;
        double counted = 0;
        SplittableRandom random = order.split();
        List<int[]> batches = LengthBuckets.batches(data.train().lengths(), hyperparameters.batchSize(), random);
        int accumulated = hyperparameters.gradientAccumulationSteps();
        for (int from = 0; from < batches.size(); from += accumulated) {
            long stepStart = System.nanoTime();
            List<Batch> parts = new ArrayList<>();
            for (int[] batch : batches.subList(from, Math.min(batches.size(), from + accumulated))) {
                parts.add(new Batch(batch, random));
            }
            double rate = learningRate.at(++step);
            double count = parts.stream().mapToDouble(Batch::count).sum();
            if (count == 0) {
                continue; // all that these texts teach was cut off
            }
            double loss = optimizer.step(parts, rate, stepSeed + step);
            lossSum += loss * count;
            counted += count;
            int examples = parts.stream().mapToInt(part -> part.numbers.length).sum();
            progress.stepped(epoch, step, examples, loss, rate, secondsSince(stepStart));
        }
        if (counted == 0) {
            throw new TrainingException("no row has anything to learn within max_length");
        }
        optimizer.settle();
        double trainSeconds = secondsSince(start);

        Double validationLoss = null;
        Map<String, Double> scores = new LinkedHashMap<>();
        if (data.validation().size() > 0) {
            long validationStart = System.nanoTime();
            Report report = data.task().evaluate(evaluator, data.validation(), "validation", data.validationFile());
            scores.putAll(report.metrics());
            validationLoss = scores.remove("loss");
            if (!Double.isFinite(validationLoss)) {
                throw TrainingException.diverged();
            }
            progress.validated(secondsSince(validationStart));
        }
        return new EpochMetrics(
                epoch,
                step,
                lossSum / counted,
                validationLoss,
                learningRate.at(step),
                data.train().size() / trainSeconds,
                secondsSince(start),
                scores);
    }

    /** Without validation rows the last epoch is the best. */
    private boolean isBetter(EpochMetrics metrics, EpochMetrics best) {
        if (data.validation().size() == 0) {
            return metrics.epoch() == hyperparameters.epochs();
        }
        return best == null || spec.selection().compare(metrics, best) > 0;
    }

    private void save(EpochMetrics best) throws IOException {
        probe.ask(model);
        ModelDirectory.save(modelDirectory, model, Path.of(spec.baseModel()), maxLength);
        events.emit(TrainerEvent.CHECKPOINT, bestEpoch(best));
    }

    private BestEpoch bestEpoch(EpochMetrics best) {
        return data.validation().size() == 0
                ? new BestEpoch(best.epoch(), null, null)
                : new BestEpoch(best.epoch(), spec.selection(), spec.selection().of(best));
    }

    private static double secondsSince(long nanoTime) {
        return (System.nanoTime() - nanoTime) / 1e9;
    }
}
