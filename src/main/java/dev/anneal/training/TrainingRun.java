package dev.anneal.training;

import ai.djl.ndarray.NDManager;
import dev.anneal.evaluation.Report;
import dev.anneal.files.DurableFiles;
import dev.anneal.spec.Hyperparameters;
import dev.anneal.spec.JobSpec;
import dev.anneal.training.checkpoint.Checkpoint;
import dev.anneal.training.checkpoint.Checkpoints;
import dev.anneal.training.checkpoint.OptimizerSnapshot;
import dev.anneal.training.checkpoint.RoundTripCheck;
import dev.anneal.training.checkpoint.TrainingState;
import dev.anneal.training.event.BestEpoch;
import dev.anneal.training.event.EpochMetrics;
import dev.anneal.training.event.EventStream;
import dev.anneal.training.event.TrainerEvent;
import dev.anneal.training.optimizer.AdamW;
import dev.anneal.training.optimizer.LearningRate;
import dev.anneal.training.optimizer.Precision;
import dev.anneal.training.optimizer.SparseEmbeddings;
import dev.anneal.training.process.Placement;
import dev.anneal.training.process.StopRequest;
import dev.anneal.training.process.TrainingException;
import dev.anneal.training.process.WorkFiles;
import dev.anneal.training.process.WorkOrder;
import dev.anneal.training.task.Evaluator;
import dev.anneal.training.task.ExampleFile;
import dev.anneal.training.task.Examples;
import dev.anneal.training.task.FrozenActivations;
import dev.anneal.training.task.TrainingTask;
import dev.anneal.transformer.Model;
import dev.anneal.transformer.ModelDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** Trains a model epoch by epoch, validates it after each, leaves checkpoints, and publishes the best epoch. */
final class TrainingRun {
    /** What is trained and validated, and by what; {@code frozen} may be null. */
    record Data(
            TrainingTask task,
            Examples train,
            Examples validation,
            ExampleFile validationFile,
            FrozenActivations frozen) {}

    private final JobSpec spec;
    private final Placement placement;
    private final Hyperparameters hyperparameters;
    private final Model model;
    private final Evaluator evaluator;
    private final Data data;
    private final EventStream events;
    private final Path workDirectory;
    private final int maxLength;
    private final StopRequest stop;

    private final LearningRate learningRate;
    private final BestEpochSelector selection;
    private final Progress progress;
    private final RoundTripCheck probe;

    private TrainingState state = TrainingState.START;
    private AdamW optimizer;
    private Checkpoints checkpoints;
    /** Null where the best epoch's model is in its checkpoint. */
    private BestWeightsInMemory unsaved;

    private long clock;

    TrainingRun(
            WorkOrder order,
            Model model,
            Evaluator evaluator,
            Data data,
            EventStream events,
            Path workDirectory,
            int maxLength,
            StopRequest stop) {
        this.spec = order.spec();
        this.placement = order.placement();
        this.hyperparameters = spec.hyperparameters();
        this.model = model;
        this.evaluator = evaluator;
        this.data = data;
        this.events = events;
        this.workDirectory = workDirectory;
        this.maxLength = maxLength;
        this.stop = stop;
        int steps = TrainingSteps.count(hyperparameters, data.train());
        int validation = data.validation().size();
        this.learningRate = LearningRate.of(hyperparameters, steps);
        this.selection = new BestEpochSelector(spec, hyperparameters.epochs(), validation > 0);
        this.progress = new Progress(
                events, hyperparameters.epochs(), steps, data.train().size(), validation);
        this.probe = new RoundTripCheck(data.train());
    }

    /** What the best model said about a few texts, for whoever reads it back. */
    RoundTripCheck probe() {
        return probe;
    }

    /**
     * Runs all epochs, or as many as early stopping lets, or what a checkpoint leaves of them; the best one's model is then in
     * the work directory. {@code started} is told the step after which it goes on, or null.
     */
    BestEpoch run(Precision precision, Consumer<Integer> started) throws IOException {
        stop.heed();
        try (NDManager arrays = model.newManager();
                SparseEmbeddings used = SparseEmbeddings.of(spec, model, data.train(), arrays);
                AdamW adamW = new AdamW(model, spec.method(), hyperparameters, precision, used);
                Checkpoints written =
                        new Checkpoints(workDirectory.resolve(WorkFiles.CHECKPOINTS), spec.checkpoints(), events)) {
            optimizer = adamW;
            checkpoints = written;
            TrainingSteps steps = new TrainingSteps(
                    data,
                    used == null ? data.train() : used.renumbered(data.train()),
                    optimizer,
                    hyperparameters,
                    learningRate,
                    progress);
            resume(steps, started);
            while (!selection.isOver(state)) {
                if (state.validated()) {
                    state = state.nextEpoch();
                }
                train(steps);
                validate(arrays);
            }
            if (selection.isStoppedEarly(state)) {
                events.log("info", "stopped early: epoch " + state.best().epoch() + " stays the best");
            }
            checkpoints.await();
            stop.heedNoMore();
            publish();
        }
        return selection.best(state);
    }

    private void resume(TrainingSteps steps, Consumer<Integer> started) throws IOException {
        Checkpoint from =
                checkpoints.resume(placement.earlierCheckpoints(), new OptimizerSnapshot(optimizer, probe)::restore);
        if (from != null) {
            state = from.state();
            progress.resumed(steps.examples(state));
        }
        started.accept(from == null ? null : state.step());
        if (from == null) {
            tellWhereItStarts();
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
    private void train(TrainingSteps steps) {
        clock = System.nanoTime();
        while (!steps.isEpochTrained(state)) {
            state = steps.next(state).took(lap());
            if (stop.isRequested()) {
                stopHere();
            }
            if (!steps.isEpochTrained(state) && checkpoints.isDue(state.step())) {
                checkpoint("interval");
            }
        }
        if (state.counted() == 0) {
            throw new TrainingException("no row has anything to learn within max_length");
        }
        optimizer.settle();
    }

    private void validate(NDManager arrays) throws IOException {
        double trainSeconds = state.seconds();
        Double validationLoss = null;
        Map<String, Double> scores = new LinkedHashMap<>();
        if (data.validation().size() > 0) {
            long start = System.nanoTime();
            try {
                scores.putAll(evaluate().metrics());
            } catch (StopRequest.Stopped stopped) {
                stopHere();
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
        state = selection.select(state, metrics);
        if (state.best() == metrics) {
            probe.ask(model);
        }
        boolean saved = checkpoint("epoch");
        if (state.best() == metrics) {
            if (unsaved != null) {
                unsaved.close();
            }
            unsaved = saved ? null : BestWeightsInMemory.of(model, optimizer.trained(), arrays);
        }
        stop.check();
    }

    private void stopHere() {
        checkpoint("stop");
        throw new StopRequest.Stopped();
    }

    private boolean checkpoint(String reason) {
        return checkpoints.write(
                reason,
                state,
                optimizer.owedDecay(),
                new OptimizerSnapshot(optimizer, probe).tensors(),
                state.validated() ? this::save : null,
                selection.best(state));
    }

    private void save(Path directory) throws IOException {
        ModelDirectory.save(directory, model, Path.of(placement.baseModel()), maxLength);
    }

    private void publish() throws IOException {
        Path target = workDirectory.resolve(WorkFiles.MODEL);
        if (unsaved == null) {
            DurableFiles.replaceByLinks(checkpoints.modelOf(state.best()), target);
        } else {
            unsaved.bringBack(model, optimizer);
            save(target);
            DurableFiles.force(target);
        }
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
