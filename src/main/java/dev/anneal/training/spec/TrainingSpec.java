package dev.anneal.training.spec;

import dev.anneal.evaluation.Metric;
import dev.anneal.json.Json;
import dev.anneal.transformer.architecture.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import tools.jackson.core.JacksonException;

/**
 * What a trainer has to do, the {@code spec.json} of its work directory. {@code baseModel} is the path of a Hugging Face
 * directory, {@code device} is cpu or cuda:0, {@code labels} are in the order of the scores and empty for a task without;
 * {@code bestMetric} chooses the published epoch.
 */
public record TrainingSpec(
        String job,
        Task task,
        String baseModel,
        String device,
        int threads,
        List<String> labels,
        Method method,
        Hyperparameters hyperparameters,
        TaskOptions taskOptions,
        EarlyStopping earlyStopping,
        Metric bestMetric,
        Checkpoints checkpoints) {
    /**
     * What is trained: {@code full} is all weights; {@code frozen} leaves the embeddings, if so asked, and the
     * {@code frozenLayers} lowest layers as they are; {@code head} leaves the whole base model; {@code lora} trains only
     * low-rank corrections (<a href="https://arxiv.org/abs/2106.09685">Hu et al., 2021</a>) of the modules whose name ends
     * with one of {@code targetModules}. What a type has no use for is null.
     */
    public record Method(
            String type,
            Integer frozenLayers,
            Boolean freezeEmbeddings,
            Integer r,
            Double alpha,
            Double dropout,
            List<String> targetModules) {
        public static final Method FULL = new Method("full", null, null, null, null, null, null);
        public static final List<String> TYPES = List.of("full", "frozen", "head", "lora");
    }

    /**
     * What only some tasks know. causal-lm: {@code packing} fills each row of a batch with many texts,
     * {@code completionsOnly} lets only completions and the assistant's messages carry loss. masked-lm:
     * {@code maskingProbability}, and whether {@code wholeWords} are masked.
     */
    public record TaskOptions(boolean packing, boolean completionsOnly, double maskingProbability, boolean wholeWords) {
        public static final TaskOptions DEFAULT = new TaskOptions(true, true, 0.15, false);
    }

    /** Ends training when the metric has not become better by more than {@code minDelta} for so many epochs. */
    public record EarlyStopping(Metric metric, int patience, double minDelta) {}

    /**
     * When checkpoints are written, beside the one at the end of each epoch: every so many steps or seconds, where they are not
     * null. {@code keep} of them stay, and the best. {@code from} are directories of earlier ones, the newest first; training
     * goes on from the first that is whole.
     */
    public record Checkpoints(Integer everySteps, Double everySeconds, int keep, List<String> from) {
        public static final Checkpoints DEFAULT = new Checkpoints(null, null, 2, List.of());
    }

    public static TrainingSpec read(Path workDirectory) {
        Path file = workDirectory.resolve(WorkFiles.SPEC);
        try {
            TrainingSpec spec = Json.read(Files.readString(file), TrainingSpec.class);
            spec.check();
            return spec;
        } catch (JacksonException e) {
            throw new TrainingException(
                    WorkFiles.SPEC + " is not a training specification: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new TrainingException("cannot read " + file, e);
        }
    }

    private void check() {
        require(task != null, "task is missing");
        require(baseModel != null, "base_model is missing");
        require(device != null, "device is missing");
        require(threads >= 1, "threads must be at least 1");
        require(!task.hasLabels() || labels != null && labels.size() >= 2, "labels must be at least two");
        require(labels == null || labels.size() == new HashSet<>(labels).size(), "labels must differ from each other");
        require(method != null && Method.TYPES.contains(method.type()), "method must be one of " + Method.TYPES);
        require(hyperparameters != null, "hyperparameters are missing");
        require(taskOptions != null, "task_options are missing");
        require(earlyStopping == null || earlyStopping.metric() != null, "early_stopping needs a metric");
        require(checkpoints == null || checkpoints.keep() >= 1, "checkpoints.keep must be at least 1");
        hyperparameters.check();
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new TrainingException(WorkFiles.SPEC + ": " + message);
        }
    }

    /** The metric that chooses the published epoch. */
    public Metric selection() {
        if (earlyStopping != null) {
            return earlyStopping.metric();
        }
        return bestMetric == null ? Metric.LOSS : bestMetric;
    }
}
