package dev.anneal.training;

import dev.anneal.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import tools.jackson.core.JacksonException;

/**
 * What a trainer has to do, the {@code spec.json} of its work directory. {@code baseModel} is the path of a Hugging Face
 * directory, {@code device} is cpu or cuda:0, {@code labels} are in the order of the scores.
 */
public record TrainingSpec(
        String job,
        String task,
        String baseModel,
        String device,
        int threads,
        List<String> labels,
        Method method,
        Hyperparameters hyperparameters,
        EarlyStopping earlyStopping,
        Metric bestMetric) {
    public static final String FILE = "spec.json";
    public static final String TEXT_CLASSIFICATION = "text-classification";

    /** What is trained: {@code full} is all weights. */
    public record Method(String type) {}

    /** Ends training when the metric has not become better for so many epochs. */
    public record EarlyStopping(Metric metric, int patience) {}

    static TrainingSpec read(Path workDirectory) {
        Path file = workDirectory.resolve(FILE);
        try {
            TrainingSpec spec = Json.read(Files.readString(file), TrainingSpec.class);
            spec.check();
            return spec;
        } catch (JacksonException e) {
            throw new TrainingException(FILE + " is not a training specification: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new TrainingException("cannot read " + file, e);
        }
    }

    private void check() {
        require(TEXT_CLASSIFICATION.equals(task), "task must be " + TEXT_CLASSIFICATION + ", not " + task);
        require(baseModel != null, "base_model is missing");
        require(device != null, "device is missing");
        require(threads >= 1, "threads must be at least 1");
        require(labels != null && labels.size() >= 2, "labels must be at least two");
        require(labels.size() == new HashSet<>(labels).size(), "labels must differ from each other");
        require(method != null && "full".equals(method.type()), "method must be full");
        require(hyperparameters != null, "hyperparameters are missing");
        require(earlyStopping == null || earlyStopping.metric() != null, "early_stopping needs a metric");
        hyperparameters.check();
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new TrainingException(FILE + ": " + message);
        }
    }

    /** The metric that chooses the published epoch. */
    Metric selection() {
        if (earlyStopping != null) {
            return earlyStopping.metric();
        }
        return bestMetric == null ? Metric.LOSS : bestMetric;
    }
}
