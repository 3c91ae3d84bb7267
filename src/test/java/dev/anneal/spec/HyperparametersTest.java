package dev.anneal.spec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HyperparametersTest {
    private static final String WHOLE = """
            {"epochs": 1, "batch_size": 8, "learning_rate": 1e-4, "dropout": 0, "max_length": 16""";

    @Test
    void aDocumentWithTheValuesThatHaveNoConstantDefaultIsWhole() {
        assertThat(Json.read(WHOLE + "}", Hyperparameters.class).problems()).isEmpty();
        assertThat(Json.read("{\"epochs\": 1}", Hyperparameters.class).problems())
                .containsExactly(
                        "batch_size is missing",
                        "learning_rate is missing",
                        "dropout is missing",
                        "max_length is missing");
    }

    @ParameterizedTest
    @CsvSource({
        "epochs, 0",
        "gradient_accumulation_steps, 0",
        "max_length, 3",
        "learning_rate, 0",
        "learning_rate, -1",
        "weight_decay, -0.1",
        "warmup_ratio, 1",
        "dropout, 1",
        "label_smoothing, 1.5",
        "layerwise_lr_decay, 0",
        "epochs, \"many\"",
        "precision, \"fp8\""
    })
    void aValueWithWhichATrainerCannotComputeIsNamed(String name, String value) {
        String json = WHOLE + ", \"" + name + "\": " + value + "}";

        assertThat(Json.read(json, Hyperparameters.class).problems())
                .singleElement()
                .asString()
                .startsWith(name + " cannot be ");
    }
}
