package dev.anneal.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.anneal.evaluation.Report;
import dev.anneal.files.DurableFiles;
import dev.anneal.spec.Hyperparameters;
import dev.anneal.spec.JobSpec;
import dev.anneal.spec.ValidationSteps;
import dev.anneal.training.checkpoint.Checkpoint;
import dev.anneal.training.checkpoint.Checkpoints;
import dev.anneal.training.checkpoint.OptimizerSnapshot;
import dev.anneal.training.checkpoint.RoundTripCheck;
import dev.anneal.training.checkpoint.TrainedRows;
import dev.anneal.training.checkpoint.TrainingState;
import dev.anneal.training.event.BestEpoch;
import dev.anneal.training.event.EpochMetrics;
import dev.anneal.training.event.EventStream;
import dev.anneal.training.event.TrainerEvent;
import dev.anneal.training.optimizer.AdamW;
import dev.anneal.training.optimizer.LearningRate;
import dev.anneal.training.optimizer.MicroBatch;
import dev.anneal.training.optimizer.Precision;
import dev.anneal.training.optimizer.SparseEmbeddings;
import dev.anneal.training.optimizer.StepLoss;
import dev.anneal.training.optimizer.TrainStep;
import dev.anneal.training.optimizer.TrainableModel;
import dev.anneal.training.process.Placement;
import dev.anneal.training.process.StopRequest;
import dev.anneal.training.process.TrainingException;
import dev.anneal.training.process.WorkFiles;
import dev.anneal.training.process.WorkOrder;
import dev.anneal.training.task.Evaluator;
import dev.anneal.transformer.Model;
import dev.anneal.transformer.ModelDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The training loop: {@link #run} goes through the epochs, {@link #step} is one step of them, {@link #validate} comes after each epoch
 * and with {@code eval_steps} within it. All else here prepares what they use or writes what they produce.
 */
final class TrainingLoop implements AutoCloseable {
    private final JobSpec spec;
    private final Placement placement;
    private final Hyperparameters hyperparameters;
    private final Model base;
    private final TrainingData data;
    private final Evaluator evaluator;
    private final EventStream events;
    private final Path workDirectory;
    private final int maxLength;
    private final StopRequest stop;

    private final NDManager arrays;
    private final @Nullable SparseEmbeddings sparseEmbeddings;
    private final TrainableModel model;
    private final AdamW optimizer;
    private final DataLoader loader;
    private final ValidationSteps validations;
    private final LearningRate schedule;
    private final BestEpochSelector selector;
    private final Progress progress;
    private final Checkpoints checkpoints;
    private final RoundTripCheck roundTripCheck;

    private final Stopwatch stopwatch = new Stopwatch();
    private TrainingState state = TrainingState.START;
    /** The last step, until its loss is known. */
    private @Nullable Unfinished unfinished;
    /** The last step whose loss is known. */
    private int lastKnown;
    /** The best weights if their checkpoint could not be written. */
    private @Nullable BestWeightsInMemory unsaved;

    private record Unfinished(
            StepLoss loss, double count, int epoch, int step, int examples, double learningRate, double seconds) {}

    TrainingLoop(
            WorkOrder order,
            Model base,
            TrainingData data,
            Evaluator evaluator,
            Precision precision,
            boolean checkpointing,
            EventStream events,
            Path workDirectory,
            int maxLength,
            StopRequest stop) {
        this.spec = order.spec();
        this.placement = order.placement();
        this.hyperparameters = spec.hyperparameters();
        this.base = base;
        this.data = data;
        this.evaluator = evaluator;
        this.events = events;
        this.workDirectory = workDirectory;
        this.maxLength = maxLength;
        this.stop = stop;
        arrays = base.newManager();
        sparseEmbeddings = SparseEmbeddings.of(spec, base, data.train(), arrays);
        model = new TrainableModel(base, spec.method(), hyperparameters, precision, checkpointing, sparseEmbeddings);
        optimizer = new AdamW(model, hyperparameters);
        loader = new DataLoader(
                data,
                sparseEmbeddings == null ? data.train() : sparseEmbeddings.renumbered(data.train()),
                hyperparameters);
        int validationExamples = data.validation().size();
        validations = new ValidationSteps(
                loader.stepsPerEpoch(),
                hyperparameters.epochs(),
                validationExamples > 0 ? hyperparameters.evalSteps() : null);
        schedule = LearningRate.of(hyperparameters, Math.toIntExact(validations.steps()));
        selector = new BestEpochSelector(spec, validations, validationExamples > 0);
        progress = new Progress(
                events,
                validations,
                data.train().size(),
                validationExamples,
                data.testExamples() + tunedOn(validationExamples));
        checkpoints = new Checkpoints(
                workDirectory.resolve(WorkFiles.CHECKPOINTS),
                spec.checkpoints(),
                new TrainedRows(data.train().size(), data.drawn()),
                events);
        roundTripCheck = new RoundTripCheck(data.train());
    }

    /** Returns how many validation rows are evaluated once more for the report on test rows: classifiers are calibrated on them. */
    private int tunedOn(int validationExamples) {
        return data.testExamples() > 0 && spec.task().isTuned() ? validationExamples : 0;
    }

    /** Trains all epochs that are left, or fewer by early stopping. The model of the best one is then in the work directory. */
    BestEpoch run() throws IOException {
        while (!selector.isOver(state)) {
            if (state.validated() && !loader.hasNext(state)) {
                state = state.nextEpoch();
            }
            trainToValidation();
            finishStep();
            progress.beforeValidation();
            model.flushDeferredDecay();
            fit();

            EpochMetrics metrics = validate();
            events.emit(metrics.withinEpoch() ? TrainerEvent.VALIDATION : TrainerEvent.EPOCH, metrics);
            state = selector.select(state, metrics);
            keep(metrics);
        }
        publish();
        return Objects.requireNonNull(selector.best(state), "at least one epoch has ended");
    }

    /** Trains the steps that are left before the next validation. */
    private void trainToValidation() {
        stopwatch.start();
        while (state.validated() || !isValidationDue()) {
            state = step(loader.next(state)).took(stopwatch.lap());
            if (stop.isRequested()) {
                stopHere();
            }
            if (!isValidationDue() && checkpoints.isDue(state.step())) {
                checkpoint("interval");
            }
        }
    }

    private boolean isValidationDue() {
        return !loader.hasNext(state) || state.position() > 0 && validations.isDue(state.step());
    }

    /** Makes a checkpoint after a validation. One within an epoch needs none unless it is the best or the time has come. */
    private void keep(EpochMetrics metrics) {
        boolean isBest = state.best() == metrics;
        if (isBest) {
            roundTripCheck.record(base);
        }
        if (metrics.withinEpoch() && !isBest && !checkpoints.isDue(state.step())) {
            if (stop.isRequested()) {
                stopHere();
            }
            return;
        }
        boolean saved = checkpoint(metrics.withinEpoch() ? "validation" : "epoch");
        if (isBest) {
            keepInMemory(!saved);
        }
        stop.check();
    }

    private TrainingState step(List<? extends MicroBatch> microBatches) {
        long start = System.nanoTime();
        double count = microBatches.stream().mapToDouble(MicroBatch::count).sum();
        if (count == 0) { // all targets of these examples were truncated
            return state.stepped(0);
        }
        int step = state.step() + 1;
        double learningRate = schedule.at(step);
        try (TrainStep trainStep = new TrainStep(model, loader.seed(step))) {
            for (MicroBatch microBatch : microBatches) {
                trainStep.accumulate(microBatch, microBatch.count() / count);
            }
            trainStep.clip(hyperparameters.maxGradNorm());
            optimizer.update(trainStep, learningRate);
            StepLoss loss = trainStep.loss();
            finishStep(); // the one before; meanwhile a GPU computes this one
            unfinished = new Unfinished(
                    loss,
                    count,
                    state.epoch(),
                    step,
                    loader.examplesInNext(state),
                    learningRate,
                    Stopwatch.secondsSince(start));
            return state.stepped(count);
        }
    }

    /** Waits for the loss of the last step and reports it. */
    private void finishStep() {
        if (unfinished == null) {
            return;
        }
        Unfinished last = unfinished;
        unfinished = null;
        try (StepLoss step = last.loss()) {
            double loss = step.await();
            lastKnown = last.step();
            progress.stepped(
                    last.epoch(),
                    last.step(),
                    last.examples(),
                    loss * data.task().lossFactor(),
                    last.learningRate(),
                    last.seconds());
            state = state.withLoss(loss, last.count());
        }
    }

    /** Computes the weights that are not trained but follow from the others. */
    private void fit() {
        try {
            data.task().fit(base, stop::check).forEach((name, values) -> {
                NDArray weight = base.weight(name);
                try (NDArray fitted = arrays.create(values, weight.getShape())) {
                    model.copy(weight, fitted);
                }
            });
        } catch (StopRequest.Stopped stopped) {
            stopHere();
        }
    }

    private EpochMetrics validate() throws IOException {
        double trainSeconds = state.seconds();
        Double validationLoss = null;
        Double evaluated = null;
        Map<String, Double> scores = new LinkedHashMap<>();
        if (data.validation().size() > 0) {
            long start = System.nanoTime();
            try {
                scores.putAll(evaluate().metrics());
            } catch (StopRequest.Stopped stopped) {
                stopHere();
            }
            validationLoss = scores.remove("loss");
            if (validationLoss == null) {
                throw new TrainingException("The validation rows have nothing to score. Use other validation rows.");
            }
            if (!Double.isFinite(validationLoss)) {
                throw TrainingException.diverged();
            }
            double seconds = Stopwatch.secondsSince(start);
            evaluated = data.validation().size() / seconds;
            progress.validated(seconds);
        }
        return new EpochMetrics(
                state.epoch(),
                state.step(),
                loader.hasNext(state),
                state.lossSum() / state.counted() * data.task().lossFactor(),
                validationLoss,
                schedule.at(state.step()),
                loader.examplesInEpoch(state) / trainSeconds,
                evaluated,
                trainSeconds + state.validationSeconds() + stopwatch.lap(),
                scores);
    }

    private Report evaluate() throws IOException {
        return data.task().evaluate(evaluator, data.validation(), "validation", data.validationFile());
    }

    /** Continues at the newest usable checkpoint; returns its step, if there is one. */
    @Nullable
    Integer resume() {
        String tooMany = validations.problem();
        if (tooMany != null) {
            throw new TrainingException("eval_steps " + tooMany);
        }
        Checkpoint from = checkpoints.resume(
                placement.earlierCheckpoints(), new OptimizerSnapshot(model, optimizer, roundTripCheck)::restore);
        if (from == null) {
            return null;
        }
        state = from.state();
        lastKnown = state.step();
        progress.resumed(loader.examplesBefore(state));
        return state.step();
    }

    /** Logs what a language model knows before training, so that its user sees by how much it improves. */
    void logLossBeforeTraining() throws IOException {
        if (spec.task().isLanguageModel() && data.validation().size() > 0) {
            events.log(
                    "info",
                    "Validation loss before training: %.4f"
                            .formatted(evaluate().metrics().get("loss")));
        }
    }

    /** Returns the number of steps that were trained so far, without one whose loss is unknown or not a number. */
    int stepsDone() {
        return lastKnown;
    }

    /** Returns the check of the published model against the best one. */
    RoundTripCheck roundTripCheck() {
        return roundTripCheck;
    }

    private void stopHere() {
        checkpoint("stop");
        throw new StopRequest.Stopped();
    }

    private boolean checkpoint(String reason) {
        finishStep();
        return checkpoints.write(
                reason,
                state,
                model.deferredDecay(),
                new OptimizerSnapshot(model, optimizer, roundTripCheck).tensors(),
                state.validated() ? this::save : null,
                selector.best(state));
    }

    private void save(Path directory) throws IOException {
        ModelDirectory.save(directory, base, Path.of(placement.baseModel()), maxLength, data.task()::addFiles);
    }

    private void keepInMemory(boolean keep) {
        if (unsaved != null) {
            unsaved.close();
        }
        unsaved = keep ? BestWeightsInMemory.of(base, changing(), arrays) : null;
    }

    /** Returns the names of the weights that are trained or fitted. */
    private Set<String> changing() {
        Set<String> names = new TreeSet<>(model.names());
        names.addAll(base.head().shapes().keySet());
        return names;
    }

    private void publish() throws IOException {
        EpochMetrics best = Objects.requireNonNull(state.best(), "at least one epoch has ended");
        if (selector.isStoppedEarly(state)) {
            events.log(
                    "info",
                    (best.withinEpoch()
                                    ? "Stopped early because %s no longer improved. The best model is that of step %d in epoch %d."
                                    : "Stopped early because %s no longer improved. The best epoch is %3$d.")
                            .formatted(spec.bestMetric().name(), best.step(), best.epoch()));
        }
        checkpoints.await();
        stop.disable();
        Path target = workDirectory.resolve(WorkFiles.MODEL);
        if (unsaved == null) {
            DurableFiles.replaceByLinks(checkpoints.modelOf(best), target);
        } else {
            unsaved.restore(base, model);
            save(target);
            DurableFiles.force(target);
        }
    }

    @Override
    public void close() {
        checkpoints.close();
        optimizer.close();
        model.close();
        if (sparseEmbeddings != null) {
            sparseEmbeddings.close();
        }
        arrays.close();
    }
}
