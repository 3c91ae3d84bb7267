package dev.anneal.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.spec.Hyperparameters;
import dev.anneal.spec.Method;
import dev.anneal.transformer.Golden;
import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.Head;
import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.architecture.Task;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MemoryEstimateTest {
    @Test
    void theScoresOfALargeVocabularyNeedNoMoreMemoryForMoreTokens() {
        ModelConfig config =
                new ModelConfig(Golden.of("llama").config().fields().deepCopy().put("vocab_size", 50_000));
        Architecture architecture = Architecture.of(config);
        Head head = architecture.head(Task.CAUSAL_LM, config, 0);

        long few = MemoryEstimate.of(config, head, Method.FULL, batchSize(8)).activations();
        long many = MemoryEstimate.of(config, head, Method.FULL, batchSize(16)).activations();

        long tokens = 8 * 128;
        assertThat(many - few).isEqualTo(tokens * 17 * architecture.hiddenSize(config) * architecture.layers(config));
    }

    private static Hyperparameters batchSize(int size) {
        Map<String, Object> values =
                new HashMap<>(TestHyperparameters.of(0, 0.01, 1).values());
        values.put("batch_size", size);
        return new Hyperparameters(values);
    }
}
