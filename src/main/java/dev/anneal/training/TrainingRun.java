package dev.anneal.training;

import dev.anneal.evaluation.ConfusionMatrix;
import dev.anneal.evaluation.Predictions;
import dev.anneal.transformer.Model;
import dev.anneal.transformer.ModelDirectory;
import dev.anneal.transformer.TextClassifier;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;

/** Trains a model epoch by epoch, validates it after each, and saves the best one so far. */
final class TrainingRun {
    private final TrainingSpec spec;
    private final Hyperparameters hyperparameters;
    private final Model model;
    private final TextClassifier classifier;
    private final Examples train;
    private final Examples validation;
    private final EventStream events;
    private final Path modelDirectory;

    private final int steps;
    private final LearningRate learningRate;
    private final SplittableRandom order;
    private final long stepSeed;
    private final Progress progress;
    private int step;

    TrainingRun(
            TrainingSpec spec,
            Model model,
            TextClassifier classifier,
            Examples train,
            Examples validation,
            EventStream events,
            Path modelDirectory) {
        this.spec = spec;
        this.hyperparameters = spec.hyperparameters();
        this.model = model;
        this.classifier = classifier;
        this.train = train;
        this.validation = validation;
        this.events = events;
        this.modelDirectory = modelDirectory;
        this.steps = steps(hyperparameters, train);
        this.learningRate = LearningRate.of(hyperparameters, steps);
        this.order = new SplittableRandom(hyperparameters.seed());
        this.stepSeed = order.nextLong() >>> 1;
        this.progress = new Progress(events, hyperparameters.epochs(), steps, train.size(), validation.size());
    }

    /** Number of steps of all epochs. */
    static int steps(Hyperparameters hyperparameters, Examples train) {
        int perEpoch = (train.size() + hyperparameters.batchSize() - 1) / hyperparameters.batchSize();
        return Math.multiplyExact(perEpoch, hyperparameters.epochs());
    }

    /** Runs all epochs, or as many as early stopping lets; the best one's model is then in its directory. */
    BestEpoch run(Precision precision) throws IOException {
        EpochMetrics best = null;
        try (AdamW optimizer = new AdamW(model, hyperparameters, precision)) {
            for (int epoch = 1; epoch <= hyperparameters.epochs(); epoch++) {
                EpochMetrics metrics = epoch(epoch, optimizer);
                events.emit(TrainerEvent.EPOCH, metrics);
                if (isBetter(metrics, best)) {
                    best = metrics;
                    save(best);
                } else if (spec.earlyStopping() != null
                        && epoch - best.epoch() >= spec.earlyStopping().patience()) {
                    events.log("info", "stopped early: epoch " + best.epoch() + " stays the best");
                    break;
                }
            }
        }
        return bestEpoch(best);
    }

    private EpochMetrics epoch(int epoch, AdamW optimizer) {
        long start = System.nanoTime();
        double lossSum = 0;
        List<int[]> batches = LengthBuckets.batches(train.lengths(), hyperparameters.batchSize(), order.split());
        for (int[] batch : batches) {
            long stepStart = System.nanoTime();
            double rate = learningRate.at(++step);
            double loss = optimizer.step(train.texts(batch), train.labels(batch), rate, stepSeed + step);
            lossSum += loss * batch.length;
            progress.stepped(epoch, step, batch.length, loss, rate, secondsSince(stepStart));
        }
        double trainSeconds = secondsSince(start);

        Double validationLoss = null;
        Double accuracy = null;
        Double f1Macro = null;
        if (validation.size() > 0) {
            long validationStart = System.nanoTime();
            Predictions predictions = new Evaluator(classifier).predict(validation);
            ConfusionMatrix matrix = predictions.confusionMatrix();
            validationLoss = predictions.loss();
            if (!Double.isFinite(validationLoss)) {
                throw TrainingException.diverged();
            }
            accuracy = matrix.accuracy();
            f1Macro = matrix.f1Macro();
            progress.validated(secondsSince(validationStart));
        }
        return new EpochMetrics(
                epoch,
                step,
                lossSum / train.size(),
                validationLoss,
                learningRate.at(step),
                train.size() / trainSeconds,
                secondsSince(start),
                accuracy,
                f1Macro);
    }

    /** Without validation rows the last epoch is the best. */
    private boolean isBetter(EpochMetrics metrics, EpochMetrics best) {
        if (validation.size() == 0) {
            return metrics.epoch() == hyperparameters.epochs();
        }
        return best == null || spec.selection().compare(metrics, best) > 0;
    }

    private void save(EpochMetrics best) throws IOException {
        ModelDirectory.save(modelDirectory, model, Path.of(spec.baseModel()), classifier.maxLength());
        events.emit(TrainerEvent.CHECKPOINT, bestEpoch(best));
    }

    private BestEpoch bestEpoch(EpochMetrics best) {
        return validation.size() == 0
                ? new BestEpoch(best.epoch(), null, null)
                : new BestEpoch(best.epoch(), spec.selection(), spec.selection().of(best));
    }

    private static double secondsSince(long nanoTime) {
        return (System.nanoTime() - nanoTime) / 1e9;
    }
}
