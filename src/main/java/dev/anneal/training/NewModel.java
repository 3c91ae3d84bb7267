package dev.anneal.training;

import ai.djl.ndarray.types.Shape;
import dev.anneal.spec.JobSpec;
import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.Head;
import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.architecture.Task;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The model that a job makes of its base model. For the method {@code few_shot} its head sees the mean of the tokens of a text, if need
 * be by a layer on top, whose weights belong to the head.
 *
 * @param config the configuration, but for what depends on the labels
 */
record NewModel(ModelConfig config, Head head) {
    static NewModel of(JobSpec spec, ModelConfig base) {
        Architecture architecture = Architecture.of(base);
        int outputs = spec.task() == Task.TEXT_REGRESSION ? 1 : spec.labels().size();
        if (!spec.method().learnsPairs()) {
            return new NewModel(base, architecture.head(spec.task(), base, outputs));
        }
        ModelConfig config = architecture.withMeans(base);
        Map<String, Shape> added = new LinkedHashMap<>(architecture.shapes(config));
        added.keySet().removeAll(architecture.shapes(base).keySet());
        Map<String, String> names = new LinkedHashMap<>();
        added.keySet().forEach(name -> names.put(name, architecture.toFile(name)));
        return new NewModel(
                config, architecture.head(spec.task(), config, outputs).with(added, names));
    }
}
