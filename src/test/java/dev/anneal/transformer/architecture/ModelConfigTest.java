package dev.anneal.transformer.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelConfigTest {
    @TempDir
    Path directory;

    @Test
    void unknownFieldsAreKept() throws IOException {
        config("{\"model_type\": \"bert\", \"something_new\": {\"a\": [1, 2]}}").write(directory);

        assertThat(Files.readString(directory.resolve("config.json"))).contains("something_new");
    }

    @Test
    void labelsComeInTheOrderOfTheirNumbers() throws IOException {
        assertThat(config("{\"id2label\": {\"10\": \"k\", \"2\": \"c\", \"0\": \"a\"}}")
                        .labels())
                .containsExactly("a", "c", "k");
    }

    @Test
    void labelsThatTransformersOmitGetItsDefaultNames() throws IOException {
        assertThat(config("{\"architectures\": [\"BertForSequenceClassification\"]}")
                        .labels())
                .containsExactly("LABEL_0", "LABEL_1");
        assertThat(config("{\"architectures\": [\"BertForTokenClassification\"], \"num_labels\": 3}")
                        .labels())
                .hasSize(3);
    }

    @Test
    void theConfigurationOfAClassifierIsThatOfTransformers() throws IOException {
        ModelConfig config = config("{\"architectures\": [\"BertModel\"]}")
                .withHead(
                        new Head(
                                Task.TEXT_CLASSIFICATION,
                                "labels",
                                Map.of(),
                                Map.of(),
                                "BertForSequenceClassification"),
                        List.of("no", "yes"));

        assertThat(config.labels()).containsExactly("no", "yes");
        assertThat(config.fields().toString())
                .contains("\"architectures\":[\"BertForSequenceClassification\"]")
                .contains("\"label2id\":{\"no\":0,\"yes\":1}")
                .contains("\"problem_type\":\"single_label_classification\"");
    }

    @Test
    void aMissingOrInvalidFileIsNamed() throws IOException {
        assertThatThrownBy(() -> ModelConfig.read(directory)).hasMessage("config.json is missing");
        assertThatThrownBy(() -> config("[]")).hasMessage("config.json is not a JSON object");
        assertThatThrownBy(() -> config("{}").integer("hidden_size")).hasMessageContaining("hidden_size");
        assertThatThrownBy(() -> config("{")).hasMessageContaining("config.json is not valid JSON");
        assertThatThrownBy(() -> Architecture.of(config("{\"model_type\": \"mamba\"}")))
                .hasMessageStartingWith("Models of type 'mamba' are not supported. Supported types: bert, distilbert");
    }

    private ModelConfig config(String json) throws IOException {
        Files.writeString(directory.resolve("config.json"), json);
        return ModelConfig.read(directory);
    }
}
