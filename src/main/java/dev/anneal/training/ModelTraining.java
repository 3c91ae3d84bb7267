package dev.anneal.training;

import dev.anneal.spec.FewShot;
import dev.anneal.spec.Hyperparameters;
import dev.anneal.spec.JobSpec;
import dev.anneal.spec.Method;
import dev.anneal.training.checkpoint.RoundTripCheck;
import dev.anneal.training.event.BestEpoch;
import dev.anneal.training.event.EventStream;
import dev.anneal.training.fewshot.PairTask;
import dev.anneal.training.optimizer.Precision;
import dev.anneal.training.optimizer.TrainedWeights;
import dev.anneal.training.process.Placement;
import dev.anneal.training.process.StopRequest;
import dev.anneal.training.process.TrainingException;
import dev.anneal.training.process.WorkOrder;
import dev.anneal.training.task.Evaluator;
import dev.anneal.training.task.Examples;
import dev.anneal.training.task.FrozenActivations;
import dev.anneal.training.task.TrainingTask;
import dev.anneal.transformer.Lora;
import dev.anneal.transformer.Model;
import dev.anneal.transformer.Predictor;
import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.Head;
import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Trains a model from the base model of a job: that of the job, or one on a part of its rows. */
record ModelTraining(
        WorkOrder order, ModelConfig config, Head head, Tokenizer tokenizer, int maxLength, StopRequest stop) {
    /** Receives the step after which the training resumes, if it does, before the first step. */
    interface Start {
        void at(@Nullable Integer resumed, boolean headIsNew);
    }

    /** The result of a training besides the model. */
    record Trained(BestEpoch best, RoundTripCheck roundTrip) {}

    /** Returns the same training without checkpoints of earlier attempts, and with its own only at the end of each epoch. */
    ModelTraining afresh() {
        return new ModelTraining(order.afresh(), config, head, tokenizer, maxLength, stop);
    }

    Precision precision() {
        Placement placement = order.placement();
        return Precision.of(placement.precision(), placement.device());
    }

    /** Returns the number of examples that are trained in an epoch on so many examples of single texts. */
    int examples(int texts) {
        return order.spec().method().learnsPairs() ? Math.toIntExact(FewShot.pairs(texts)) : texts;
    }

    private TrainingData learned(TrainingData rows) {
        if (!order.spec().method().learnsPairs()) {
            return rows;
        }
        PairTask task = new PairTask(rows.task(), rows.train(), config.labels().size());
        return rows.as(task, task.pairs(order.spec().hyperparameters().seed()));
    }

    /** Trains on the rows. The directory then has the checkpoints and the model of the best epoch. */
    Trained train(TrainingData texts, Path directory, EventStream events, Start start) throws IOException {
        TrainingData rows = learned(texts);
        JobSpec spec = order.spec();
        Placement placement = order.placement();
        Hyperparameters hyperparameters = spec.hyperparameters();
        Path base = Path.of(placement.baseModel());
        TrainingTask task = rows.task();
        Architecture architecture = Architecture.of(config);
        WeightInitializer newWeights = new WeightInitializer(hyperparameters.seed(), spec.method(), architecture);
        int frozenLayers = frozenLayers(spec.method(), architecture.layers(config));
        Model model = Model.load(
                base,
                config,
                head,
                task.objective(),
                placement.device(),
                frozenLayers,
                lora(spec.method()),
                spec.method().learnsPairs(),
                newWeights::of);
        if (task.targetScale() != null) {
            model.standardize(task.targetScale(), !newWeights.has("classifier.weight"));
        }
        try (Predictor predictor = new Predictor(model, tokenizer, maxLength, placement.threads());
                FrozenActivations own = rows.frozen() == null ? frozen(model, rows, directory, events) : null) {
            FrozenActivations frozen = own == null ? rows.frozen() : own;
            TrainingData data = rows.with(frozen);
            Evaluator evaluator = new Evaluator(model, predictor, frozen, null, stop);
            stop.enable();
            boolean checkpointing = isCheckpointed(data.train(), events);
            try (TrainingLoop loop = new TrainingLoop(
                    order, model, data, evaluator, precision(), checkpointing, events, directory, maxLength, stop)) {
                Integer resumed = loop.resume();
                start.at(resumed, newWeights.anyOf(head));
                if (resumed == null) {
                    loop.logLossBeforeTraining();
                }
                return new Trained(run(loop, base, spec), loop.roundTripCheck());
            }
        }
    }

    private static BestEpoch run(TrainingLoop loop, Path base, JobSpec spec) throws IOException {
        try {
            return loop.run();
        } catch (TrainingException.Diverged diverged) {
            throw Divergence.explain(diverged, base, spec.baseModel(), loop.stepsDone());
        }
    }

    /** Returns what the job says, or whether its estimate for the longest row exceeds the memory of the slot. */
    private boolean isCheckpointed(Examples train, EventStream events) {
        Boolean asked = order.spec().hyperparameters().gradientCheckpointing();
        Long memory = order.placement().memory();
        if (asked != null || memory == null) {
            return Boolean.TRUE.equals(asked);
        }
        int longest = Arrays.stream(train.lengths()).max().orElseThrow();
        MemoryEstimate estimate =
                MemoryEstimate.of(config, head, order.spec(), precision().text(), longest);
        if (estimate.bytes(false) <= memory) {
            return false;
        }
        events.log(
                "info",
                "Gradient checkpointing is on. Without it, the job needs an estimated %,d MB, but the slot has %,d MB."
                        .formatted(estimate.bytes(false) / 1_000_000, memory / 1_000_000));
        return true;
    }

    private static int frozenLayers(Method method, int layers) {
        return switch (method.type()) {
            case "frozen" -> Math.min(layers, method.frozenCount());
            case "head" -> layers;
            default -> 0;
        };
    }

    private static @Nullable Lora lora(Method method) {
        return method.type().equals("lora") ? TrainedWeights.lora(method) : null;
    }

    /** Returns the activations of the frozen layers for all rows, which models on parts of them share; null as below. */
    @Nullable
    FrozenActivations frozen(TrainingData rows, Path directory, EventStream events) {
        if (!order.spec().keepsActivations()) {
            return null;
        }
        Architecture architecture = Architecture.of(config);
        WeightInitializer newWeights = new WeightInitializer(
                order.spec().hyperparameters().seed(), order.spec().method(), architecture);
        try (Model model = Model.load(
                Path.of(order.placement().baseModel()),
                config,
                head,
                rows.task().objective(),
                order.placement().device(),
                frozenLayers(order.spec().method(), architecture.layers(config)),
                null,
                false,
                newWeights::of)) {
            return frozen(model, rows, directory, events);
        }
    }

    /** Returns nothing if no layer is frozen, or if the activations change in each epoch or are too large to keep. */
    private @Nullable FrozenActivations frozen(Model model, TrainingData rows, Path directory, EventStream events) {
        if (!order.spec().keepsActivations()) {
            return null;
        }
        JobSpec spec = order.spec();
        boolean perText = spec.method().type().equals("head") && spec.task() != Task.TOKEN_CLASSIFICATION;
        events.log(
                "info",
                "The frozen layers compute all %,d examples before the first step."
                        .formatted(rows.train().size() + rows.validation().size()));
        long start = System.nanoTime();
        FrozenActivations activations = FrozenActivations.of(
                model, perText, directory.resolve("frozen.bin"), stop::check, rows.train(), rows.validation());
        events.log(
                "info",
                activations == null
                        ? "The activations of the frozen layers are too large to keep. They are computed again in each epoch."
                        : "The frozen layers computed all rows once, in %.1f s."
                                .formatted((System.nanoTime() - start) / 1e9));
        return activations;
    }
}
