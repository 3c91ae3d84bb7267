package dev.anneal.transformer.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ProgramTextTest {
    @Test
    void aProgramIncludesItsImports() {
        assertThat(ProgramText.withImports("bert", Map.of("head", "classification", "objective", "supervised")))
                .containsOnlyKeys(
                        "bert", "classification", "supervised", "encoders", "host", "layers", "stack", "train");
    }

    @Test
    void namesAreQualifiedAndStringsUnchanged() {
        Map<String, String> files =
                ProgramText.withImports("bert", Map.of("head", "classification", "objective", "supervised"));

        assertThat(files.get("bert"))
                .contains("return __torch__.classification.loss(self, w, batch, drop)")
                .contains("__torch__.layers.linear(w, name")
                .contains("\"encoder.layer.{}.\"")
                .contains("class Bert(Module):")
                .doesNotContain("import ");
        assertThat(files.get("classification")).contains("model: __torch__.encoders.Encoder");
        assertThat(files.get("layers"))
                .contains("def positions(")
                .contains("__torch__.layers.positions(segments) == 0");
    }
}
