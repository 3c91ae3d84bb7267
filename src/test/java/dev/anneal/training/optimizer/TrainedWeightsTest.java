package dev.anneal.training.optimizer;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.Shape;
import dev.anneal.transformer.TestModels;
import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.Head;
import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.architecture.Task;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainedWeightsTest {
    @TempDir
    Path directory;

    @Test
    void theTopLayerIsOneBelowTheHeadAlsoIfAnotherLayerIsAddedToTheHead() throws IOException {
        ModelConfig config = ModelConfig.read(TestModels.tiny(directory.resolve("m"), "a", "b"));
        Architecture architecture = Architecture.of(config);
        Head head = architecture.head(Task.TEXT_CLASSIFICATION, config, 2);
        ModelConfig withMeans = architecture.withMeans(config);
        Map<String, Shape> added = new LinkedHashMap<>(architecture.shapes(withMeans));
        added.keySet().removeAll(architecture.shapes(config).keySet());
        int layers = architecture.layers(config);
        assertThat(architecture.layers(withMeans)).isEqualTo(layers + 1);

        for (String name : architecture.shapes(config).keySet()) {
            int layer = architecture.layer(name);
            if (layer >= 0) {
                assertThat(TrainedWeights.below(architecture, config, head, name))
                        .isEqualTo(layers - layer);
                assertThat(TrainedWeights.below(architecture, withMeans, head.with(added, Map.of()), name))
                        .as(name)
                        .isEqualTo(layers - layer);
            }
        }
    }
}
