package dev.anneal.training;

import ai.djl.pytorch.engine.PtNDManager;
import dev.anneal.evaluation.Report;
import dev.anneal.transformer.Model;
import dev.anneal.transformer.ModelDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** Trains a model epoch by epoch, validates it after each, leaves checkpoints, and publishes the best epoch. */
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
    private final Path workDirectory;
    private final int maxLength;
    private final StopRequest stop;

    private final LearningRate learningRate;
    private final DataOrder order;
    private final Selection selection;
    private final Progress progress;
    private final Probe probe;
    private final Checkpoints checkpoints;
    /** Those of the data, their tokens numbered as the optimizer has them. */
    private Examples train;

    private TrainingState state = TrainingState.START;
    private long clock;

    TrainingRun(
            TrainingSpec spec,
            Model model,
            Evaluator evaluator,
            Data data,
            EventStream events,
            Path workDirectory,
            int maxLength,
            StopRequest stop) {
        this.spec = spec;
        this.hyperparameters = spec.hyperparameters();
        this.model = model;
        this.evaluator = evaluator;
        this.data = data;
        this.events = events;
        this.workDirectory = workDirectory;
        this.maxLength = maxLength;
        this.stop = stop;
        int steps = steps(hyperparameters, data.train());
        this.learningRate = LearningRate.of(hyperparameters, steps);
        this.order = new DataOrder(hyperparameters.seed());
        this.selection =
                new Selection(spec, hyperparameters.epochs(), data.validation().size() > 0);
        this.progress = new Progress(
                events,
                hyperparameters.epochs(),
                steps,
                data.train().size(),
                data.validation().size());
        this.train = data.train();
        this.probe = new Probe(data.train());
        this.checkpoints = new Checkpoints(workDirectory.resolve(Checkpoints.DIRECTORY), spec.checkpoints(), events);
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

    /**
     * Runs all epochs, or as many as early stopping lets, or what a checkpoint leaves of them; the best one's model is then in
     * the work directory. {@code started} is told the step after which it goes on, or null.
     */
    BestEpoch run(Precision precision, Consumer<Integer> started) throws IOException {
        try (PtNDManager arrays = model.newManager();
                AdamW optimizer = optimizer(precision, UsedTokens.of(spec, model, data.train(), arrays))) {
            stop.heed();
            resume(optimizer, started);
            while (!selection.isOver(state)) {
                if (state.validated()) {
                    state = state.nextEpoch();
                }
                train(optimizer);
                optimizer.settle();
                validate(optimizer);
            }
            if (selection.isStoppedEarly(state)) {
                events.log("info", "stopped early: epoch " + state.best().epoch() + " stays the best");
            }
            stop.heedNoMore();
        }
        publish();
        return selection.best(state);
    }

    private AdamW optimizer(Precision precision, UsedTokens used) {
        if (used != null) {
            train = used.renumbered(data.train());
        }
        return new AdamW(model, spec.method(), hyperparameters, precision, used);
    }

    private void resume(AdamW optimizer, Consumer<Integer> started) throws IOException {
        Checkpoint from = checkpoints.resume(new SavedRun(optimizer, probe)::restore);
        if (from == null) {
            started.accept(null);
            tellWhereItStarts();
        } else {
            state = from.state();
            started.accept(state.step());
            long examples = Math.min(
                    data.train().size(),
                    (long) state.position()
                            * hyperparameters.batchSize()
                            * hyperparameters.gradientAccumulationSteps());
            progress.resumed((state.epoch() - 1L) * data.train().size() + examples);
        }
    }

    /** A language model knows something before it is trained; whoever adapts it wants to see by how much it gets better. */
    private void tellWhereItStarts() throws IOException {
        if (spec.task().isLanguageModel() && data.validation().size() > 0) {
            events.log(
                    "info",
                    "before training: validation loss %.4f"
                            .formatted(evaluate().metrics().get("loss")));
        }
    }

    private Report evaluate() throws IOException {
        return data.task().evaluate(evaluator, data.validation(), "validation", data.validationFile());
    }

    /** What is left of the epoch. */
    private void train(AdamW optimizer) throws IOException {
        clock = System.nanoTime();
        List<int[]> batches = order.batches(state.epoch(), data.train(), hyperparameters.batchSize());
        int accumulated = hyperparameters.gradientAccumulationSteps();
        for (int from = state.position() * accumulated; from < batches.size(); from += accumulated) {
            step(optimizer, batches.subList(from, Math.min(batches.size(), from + accumulated)));
            if (stop.isRequested()) {
                stopHere(optimizer);
            }
            if (from + accumulated < batches.size() && checkpoints.isDue(state.step())) {
                checkpoint("interval", optimizer);
            }
        }
        if (state.counted() == 0) {
            throw new TrainingException("no row has anything to learn within max_length");
        }
    }

    private void step(AdamW optimizer, List<int[]> batches) {
        long start = System.nanoTime();
        int step = state.step() + 1;
        SplittableRandom random = order.random(step);
        List<TrainingBatch> parts = batches.stream()
                .map(numbers -> new TrainingBatch(data, numbers, train.get(numbers), random))
                .toList();
        double count = parts.stream().mapToDouble(TrainingBatch::count).sum();
        if (count == 0) { // all that these texts teach was cut off
            state = state.stepped(0, 0, lap());
            return;
        }
        double rate = learningRate.at(step);
        double loss = optimizer.step(parts, rate, order.seed(step));
        state = state.stepped(loss, count, lap());
        int examples = parts.stream().mapToInt(part -> part.numbers().length).sum();
        progress.stepped(state.epoch(), step, examples, loss, rate, secondsSince(start));
    }

    private void validate(AdamW optimizer) throws IOException {
        double trainSeconds = state.seconds();
        Double validationLoss = null;
        Map<String, Double> scores = new LinkedHashMap<>();
        if (data.validation().size() > 0) {
            long start = System.nanoTime();
            try {
                scores.putAll(evaluate().metrics());
            } catch (StopRequest.Stopped stopped) {
                stopHere(optimizer);
            }
            validationLoss = scores.remove("loss");
            if (!Double.isFinite(validationLoss)) {
                throw TrainingException.diverged();
            }
            progress.validated(secondsSince(start));
        }
        EpochMetrics metrics = new EpochMetrics(
                state.epoch(),
                state.step(),
                state.lossSum() / state.counted(),
                validationLoss,
                learningRate.at(state.step()),
                data.train().size() / trainSeconds,
                trainSeconds + lap(),
                scores);
        events.emit(TrainerEvent.EPOCH, metrics);
        state = selection.after(state, metrics);
        if (state.best() == metrics) {
            probe.ask(model);
        }
        checkpoint("epoch", optimizer);
        stop.check();
    }

    private void stopHere(AdamW optimizer) {
        checkpoint("stop", optimizer);
        throw new StopRequest.Stopped();
    }

    private boolean checkpoint(String reason, AdamW optimizer) {
        Path base = Path.of(spec.baseModel());
        return checkpoints.write(
                reason,
                state,
                optimizer.owedDecay(),
                new SavedRun(optimizer, probe).tensors(),
                state.validated() ? directory -> ModelDirectory.save(directory, model, base, maxLength) : null,
                selection.best(state));
    }

    private void publish() throws IOException {
        DurableFiles.replaceByLinks(checkpoints.bestModel(), workDirectory.resolve(Trainer.MODEL));
    }

    /** Since it was asked before. */
    private double lap() {
        double seconds = secondsSince(clock);
        clock = System.nanoTime();
        return seconds;
    }

    private static double secondsSince(long nanoTime) {
        return (System.nanoTime() - nanoTime) / 1e9;
    }
}
