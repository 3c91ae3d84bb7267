package dev.anneal.training.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import dev.anneal.spec.Method;
import dev.anneal.training.TestHyperparameters;
import dev.anneal.transformer.Golden;
import dev.anneal.transformer.Model;
import dev.anneal.transformer.TestModels;
import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.format.ModelException;
import dev.anneal.transformer.program.Torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The weights of attention are dropped as config.json says. A dropout below 1/512 drops no activations, but switches it on. */
class AttentionDropoutTest {
    private static final double ALMOST_NONE = 0.001;

    @ParameterizedTest
    @CsvSource({"bert, FP32", "bert, BF16", "distilbert, FP32", "electra, FP32", "gpt2, FP32", "gpt2, BF16"})
    void aModelWithAttentionDropoutHasOtherLossesForOtherSeeds(String name, Precision precision) {
        assertThat(loss(name, ALMOST_NONE, precision, 1))
                .isEqualTo(loss(name, ALMOST_NONE, precision, 1))
                .isNotEqualTo(loss(name, ALMOST_NONE, precision, 2))
                .isCloseTo(loss(name, 0, precision, 1), within(0.5f));
        assertThat(loss(name, 0, precision, 1)).isEqualTo(loss(name, 0, precision, 2));
    }

    @ParameterizedTest
    @CsvSource({"llama", "qwen3", "modernbert"})
    void aModelWithoutItHasTheSame(String name) {
        assertThat(loss(name, ALMOST_NONE, Precision.FP32, 1)).isEqualTo(loss(name, ALMOST_NONE, Precision.FP32, 2));
    }

    @Test
    void aShareThatIsNoneIsNamed() {
        ModelConfig config = new ModelConfig(
                Golden.of("bert").config().fields().deepCopy().put("attention_probs_dropout_prob", 1.5));

        assertThatThrownBy(() -> Architecture.of(config).attentionDropout(config))
                .isInstanceOf(ModelException.class)
                .hasMessage("config.json: 'attention_probs_dropout_prob' must be a number from 0 to less than 1");
    }

    private static float loss(String name, double dropout, Precision precision, long seed) {
        Torch.useThreads(1);
        Golden golden = Golden.of(name);
        try (Model model = TestModels.load(golden.directory(), golden.config().task());
                TrainableModel trainable = new TrainableModel(
                        model, Method.FULL, TestHyperparameters.of(dropout, 0, 1), precision, false, null);
                NDManager arrays = model.newManager()) {
            return trainable.lossAndGradients(new Bf16Test.Texts(golden.inputs()), seed, arrays)[0].getFloat();
        }
    }
}
