package dev.anneal.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.anneal.spec.Hyperparameters;
import dev.anneal.spec.JobSpec;
import dev.anneal.spec.Method;
import dev.anneal.transformer.Golden;
import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.Head;
import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.architecture.Task;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemoryEstimateTest {
    private static final int LAYERS = 24;
    private static final Method LORA = Method.lora(8, 16, 0, List.of("q_proj"));

    @Test
    void theScoresOfALargeVocabularyNeedNoMoreMemoryForMoreTokens() {
        long few = estimate(Method.FULL, 8, "fp32").activations();
        long many = estimate(Method.FULL, 16, "fp32").activations();

        // The matrices of a layer return q, k, v, what attention and the feed-forward layer return, and gate and up.
        ModelConfig config = config();
        long returned = config.integer("hidden_size") * 3L
                + 2L * config.integer("num_key_value_heads") * config.integer("head_dim")
                + 2L * config.integer("intermediate_size");
        long ofLayers = 4 * 8 * 128 * 2 * returned * (LAYERS + 1);
        assertThat(many - few).isEqualTo(ofLayers + 8 * 128 * 28 * config.integer("hidden_size"));
    }

    @Test
    void gradientCheckpointingLeavesTheInputsOfTheLayersAndThreeTimesALayer() {
        MemoryEstimate estimate = estimate(Method.FULL, 8, "fp32");

        long inputs = 4L * 8 * 128 * config().integer("hidden_size") * LAYERS;
        long others = estimate.activations() - estimate.checkpointed();
        long layer = (others + inputs) / (LAYERS - 2);
        assertThat(others).isPositive().isEqualTo((LAYERS - 2) * layer - inputs);
        assertThat(estimate.bytes(false) - estimate.bytes(true)).isEqualTo(others);
        assertThat(estimate.least(null)).isEqualTo(estimate.bytes(true));
        assertThat(estimate.least(false)).isEqualTo(estimate.bytes(false));
    }

    @Test
    void theCopiesInBf16CountAndActivationsTakeHalf() {
        MemoryEstimate fp32 = estimate(LORA, 64, "fp32");
        MemoryEstimate bf16 = estimate(LORA, 64, "bf16");
        MemoryEstimate either = estimate(LORA, 64, "auto");

        assertThat(bf16.state()).isBetween(fp32.state() * 5 / 4, fp32.state() * 3 / 2);
        assertThat(bf16.activations()).isLessThan(fp32.activations());
        assertThat(either.state()).isEqualTo(bf16.state());
        assertThat(either.activations()).isEqualTo(fp32.activations());
    }

    @Test
    void eachHalfOfABatchCopiesEmbeddingsThatAreAlsoTheOutputLayerToBf16() {
        long matrix = 50_000L * 256;

        // The two estimates have the same arrays of the same sizes otherwise: an output layer has a copy that stays.
        long tied = estimate(config(true), LORA, 64, "bf16").activations();
        long own = estimate(config(false), LORA, 64, "bf16").activations();

        assertThat(tied - own).isEqualTo(2 * 2 * matrix);
    }

    /**
     * A decoder of the shape of Llama 3.2 1B with texts of 512 tokens in batches of 4. docs/performance.md has the same numbers, and
     * how they come about.
     */
    @ParameterizedTest
    @CsvSource(textBlock = """
            full, fp32, 30.65, 25.52
            full, bf16, 28.58, 25.21
            lora, fp32, 11.77,  6.64
            lora, bf16, 12.66,  9.29
            """)
    void aDecoderOfABillionParametersNeedsWhatTheDocumentationSays(
            String method, String precision, double without, double with) {
        ModelConfig config = new ModelConfig(Golden.of("llama")
                .config()
                .fields()
                .deepCopy()
                .put("tie_word_embeddings", true)
                .put("vocab_size", 128_256)
                .put("hidden_size", 2048)
                .put("head_dim", 64)
                .put("num_attention_heads", 32)
                .put("num_key_value_heads", 8)
                .put("intermediate_size", 8192)
                .put("num_hidden_layers", 16));

        MemoryEstimate estimate = estimate(
                config,
                method.equals("full") ? Method.FULL : Method.lora(8, 16, 0, List.of("q_proj", "v_proj")),
                4,
                512,
                precision);

        long adapters = method.equals("full") ? 0 : 16 * 8 * (4096 + 2048 + 512);
        assertThat(estimate.weights()).isEqualTo(1_235_814_400L + adapters);
        assertThat(estimate.bytes(false) / 1e9).isEqualTo(without, within(0.005));
        assertThat(estimate.bytes(true) / 1e9).isEqualTo(with, within(0.005));
    }

    @Test
    void aPullToTheBaseNeedsACopyOfItAndKeptDirectionsTheirVectors() {
        MemoryEstimate plain = estimate(Method.FULL, 4, "fp32");
        MemoryEstimate pulled = estimate(config(), Method.FULL, 4, 128, "fp32", Map.of("l2_to_base", 10));
        MemoryEstimate projected = estimate(config(), Method.FULL, 4, 128, "fp32", Map.of("unfreeze_rank_ratio", 0.5));

        assertThat(pulled.state() - plain.state()).isEqualTo(4 * plain.weights());
        assertThat(projected.state() - pulled.state())
                .as("the embeddings alone have 128 vectors of 50,000 numbers, and some copies")
                .isGreaterThan(4L * 128 * 50_000 + 5 * 4L * 50_000 * 256);
        assertThat(pulled.activations()).isEqualTo(plain.activations());
    }

    private static ModelConfig config() {
        return config(true);
    }

    private static ModelConfig config(boolean tied) {
        return new ModelConfig(Golden.of("llama")
                .config()
                .fields()
                .deepCopy()
                .put("tie_word_embeddings", tied)
                .put("vocab_size", 50_000)
                .put("hidden_size", 256)
                .put("head_dim", 64)
                .put("intermediate_size", 512)
                .put("num_hidden_layers", LAYERS));
    }

    private static MemoryEstimate estimate(Method method, int batchSize, String precision) {
        return estimate(config(), method, batchSize, precision);
    }

    private static MemoryEstimate estimate(ModelConfig config, Method method, int batchSize, String precision) {
        return estimate(config, method, batchSize, 128, precision);
    }

    private static MemoryEstimate estimate(
            ModelConfig config, Method method, int batchSize, int length, String precision) {
        return estimate(config, method, batchSize, length, precision, Map.of());
    }

    private static MemoryEstimate estimate(
            ModelConfig config,
            Method method,
            int batchSize,
            int length,
            String precision,
            Map<String, Object> remedies) {
        Map<String, Object> values =
                new HashMap<>(TestHyperparameters.of(0, 0.01, 1).values());
        values.putAll(remedies);
        values.put("batch_size", batchSize);
        values.put("max_length", length);
        JobSpec spec = new JobSpec(
                Task.CAUSAL_LM,
                "base",
                "ds_1",
                null,
                null,
                null,
                List.of(),
                method,
                new Hyperparameters(values),
                null,
                null,
                null,
                null);
        Head head = Architecture.of(config).head(Task.CAUSAL_LM, config, 0);
        return MemoryEstimate.of(config, head, spec, precision);
    }
}
