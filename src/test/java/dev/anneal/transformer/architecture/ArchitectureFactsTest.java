package dev.anneal.transformer.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.transformer.Golden;
import java.util.Collection;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The facts that each architecture states about its weights agree with the weights that it lists. */
class ArchitectureFactsTest {
    static Set<String> names() {
        return Architecture.names();
    }

    private static ModelConfig config(String name) {
        return Golden.of(name).config();
    }

    @ParameterizedTest
    @MethodSource("names")
    void eachDefaultLoraTargetNamesALinearLayer(String name) {
        Architecture architecture = Architecture.named(name);
        Collection<String> layers = architecture.linearLayers(config(name));

        assertThat(architecture.loraTargets())
                .isNotEmpty()
                .allSatisfy(target -> assertThat(layers).anyMatch(layer -> layer.endsWith("." + target)));
    }

    @ParameterizedTest
    @MethodSource("names")
    void eachLayerHasWeightsAndNoWeightBelongsToAnotherLayer(String name) {
        Architecture architecture = Architecture.named(name);
        Set<String> weights = architecture.shapes(config(name)).keySet();
        int layers = architecture.layers(config(name));

        for (int layer = 0; layer < layers; layer++) {
            int number = layer;
            assertThat(weights).anyMatch(weight -> architecture.layer(weight) == number);
        }
        assertThat(weights).allMatch(weight -> architecture.layer(weight) < layers);
    }

    @ParameterizedTest
    @MethodSource("names")
    void embeddingsBelongToNoLayerAndIncludeTheMatrixOfTokens(String name) {
        Architecture architecture = Architecture.named(name);
        Set<String> weights = architecture.shapes(config(name)).keySet();

        assertThat(weights).contains(architecture.tokenEmbeddings());
        assertThat(architecture.isEmbedding(architecture.tokenEmbeddings())).isTrue();
        assertThat(weights).noneMatch(weight -> architecture.isEmbedding(weight) && architecture.layer(weight) >= 0);
    }

    @Test
    void theLengthOfATextIsBoundedAlsoIfNoWeightBoundsIt() {
        ModelConfig large =
                new ModelConfig(config("modernbert").fields().deepCopy().put("max_position_embeddings", 100_000_000));

        assertThat(Architecture.named("modernbert").maxLength(large)).isEqualTo(8192);
    }
}
