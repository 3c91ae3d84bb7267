package dev.anneal.training.forgetting;

import ai.djl.ndarray.NDManager;
import dev.anneal.evaluation.Metric;
import dev.anneal.evaluation.forgetting.Forgetting;
import dev.anneal.evaluation.forgetting.TextFigure;
import dev.anneal.json.Json;
import dev.anneal.spec.JobSpec;
import dev.anneal.spec.Method;
import dev.anneal.spec.TaskOptions;
import dev.anneal.training.process.Placement;
import dev.anneal.training.process.StopRequest;
import dev.anneal.training.task.TrainingTask;
import dev.anneal.transformer.Model;
import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.Head;
import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.program.Torch;
import dev.anneal.transformer.tokenizer.Tokenizer;
import dev.anneal.transformer.weights.StoredWeights;
import dev.anneal.transformer.weights.WeightNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * Compares a trained model with its base model on general text, and on the rows of a dataset if there is one. One model at a time
 * is in memory, and computes one text at a time.
 */
public final class ForgettingCheck {
    /** The longest text, whatever the longest one in training is: the figures of the base model are the same for all jobs. */
    private static final int MOST_TOKENS = 512;

    /** The base model computes no more texts after that; the trained model computes the same ones. */
    private static final long SECONDS = 60;

    private final JobSpec spec;
    private final Placement placement;
    private final StopRequest stop;

    public ForgettingCheck(JobSpec spec, Placement placement, StopRequest stop) {
        this.spec = spec;
        this.placement = placement;
        this.stop = stop;
    }

    /**
     * Compares both models.
     *
     * @param retained a file of rows, which may not exist
     */
    public Forgetting compare(Path trained, Path retained) throws IOException {
        Torch.useThreads(placement.threads());
        Path base = Path.of(placement.baseModel());
        ModelConfig config = ModelConfig.read(base);
        Architecture architecture = Architecture.of(config);
        int maxLength = Math.min(MOST_TOKENS, architecture.maxLength(config));
        try (Tokenizer tokenizer = Tokenizer.load(base, maxLength)) {
            if (spec.task() == Task.CAUSAL_LM) {
                Head head = architecture.head(Task.CAUSAL_LM, config, 0);
                TrainingTask task = TrainingTask.of(spec, base, tokenizer, maxLength);
                return compare(
                        new NextTokens(task, config.withHead(head, List.of()), head, placement.device()),
                        trained,
                        rows(retained));
            }
            Head head = architecture.head(Task.MASKED_LM, config, 0);
            return tokenizer.maskToken() != null && hasHead(base, architecture, head)
                    ? compare(
                            new MaskedTokens(
                                    TrainingTask.of(ofMaskedTokens(), base, tokenizer, maxLength),
                                    config.withHead(head, List.of()),
                                    head,
                                    spec.task() == Task.MASKED_LM,
                                    placement.device()),
                            trained,
                            rows(retained))
                    : compare(new PairSimilarity(tokenizer, config, placement.device()), trained, rows(retained));
        }
    }

    private static boolean hasHead(Path base, Architecture architecture, Head head) {
        return new WeightNames(architecture, head)
                .toProgram(StoredWeights.read(base))
                .keySet()
                .containsAll(head.shapes().keySet());
    }

    private JobSpec ofMaskedTokens() {
        return new JobSpec(
                Task.MASKED_LM,
                spec.baseModel(),
                spec.dataset(),
                null,
                null,
                null,
                List.of(),
                Method.FULL,
                spec.hyperparameters(),
                TaskOptions.NONE,
                null,
                Metric.LOSS,
                spec.checkpoints());
    }

    private static List<JsonNode> rows(Path file) throws IOException {
        if (!Files.exists(file)) {
            return List.of();
        }
        try (Stream<String> lines = Files.lines(file)) {
            return lines.limit(Forgetting.MOST_ROWS).map(Json.MAPPER::readTree).toList();
        }
    }

    private <T> Forgetting compare(Measure<T> measure, Path trained, List<JsonNode> rows) {
        List<T> probe = measure.probe();
        List<T> retained = first(measure.of(rows));
        List<TextFigure> probeBefore;
        List<TextFigure> retainedBefore;
        try (Model model = measure.base(Path.of(placement.baseModel()))) {
            probeBefore = figures(measure, model, probe, SECONDS);
            retainedBefore = figures(measure, model, retained, SECONDS);
        }
        List<TextFigure> probeAfter;
        List<TextFigure> retainedAfter;
        try (Model model = measure.trained(trained)) {
            probeAfter = figures(measure, model, probe.subList(0, probeBefore.size()), Long.MAX_VALUE);
            retainedAfter = figures(measure, model, retained.subList(0, retainedBefore.size()), Long.MAX_VALUE);
        }
        return Forgetting.of(
                measure.kind(),
                Forgetting.change(measure.kind(), probeBefore, probeAfter, probe.size() - probeBefore.size()),
                retainedBefore.isEmpty()
                        ? null
                        : Forgetting.change(
                                measure.kind(),
                                retainedBefore,
                                retainedAfter,
                                retained.size() - retainedBefore.size()));
    }

    /** Returns as many as there may be rows: a long row has several examples. */
    private static <T> List<T> first(List<T> texts) {
        return texts.subList(0, Math.min(Forgetting.MOST_ROWS, texts.size()));
    }

    /** Returns the figures of the texts in their order, at least one, until the time is over. */
    private <T> List<TextFigure> figures(Measure<T> measure, Model model, List<T> texts, long seconds) {
        long end = seconds == Long.MAX_VALUE ? Long.MAX_VALUE : System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        List<TextFigure> figures = new ArrayList<>();
        for (T text : texts) {
            if (!figures.isEmpty() && seconds != Long.MAX_VALUE && System.nanoTime() - end > 0) {
                break;
            }
            stop.check();
            try (NDManager arrays = model.newBatchManager()) {
                figures.add(measure.figure(model, text, figures.size(), arrays));
            }
        }
        return figures;
    }
}
