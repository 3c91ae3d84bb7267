package dev.anneal.transformer.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import dev.anneal.transformer.architecture.Architecture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class TokenizerFilesTest {
    private static final Path MODELS = Path.of("src", "test", "resources", "models");

    @TempDir
    Path directory;

    @Test
    void aWordPieceVocabularyMakesAWordPieceTokenizer() throws IOException {
        JsonNode tokenizer = Json.MAPPER.readTree(Files.readString(MODELS.resolve("bert/tokenizer.json")));
        Files.write(
                directory.resolve("vocab.txt"), words(tokenizer.path("model").path("vocab")));

        assertSameTokens("bert", "The children's boats, at 12 o'clock!", "Wind?");
    }

    @Test
    void aBytePairVocabularyMakesABytePairTokenizer() throws IOException {
        for (String model : List.of("roberta", "gpt2")) {
            JsonNode tokenizer = Json.MAPPER.readTree(Files.readString(MODELS.resolve(model + "/tokenizer.json")));
            ObjectNode vocabulary =
                    (ObjectNode) tokenizer.path("model").path("vocab").deepCopy();
            tokenizer
                    .path("added_tokens")
                    .forEach(token -> vocabulary.put(
                            token.path("content").asString(), token.path("id").asInt()));
            Files.writeString(directory.resolve("vocab.json"), Json.write(vocabulary));
            List<String> merges = new ArrayList<>(List.of("#version: 0.2"));
            tokenizer
                    .path("model")
                    .path("merges")
                    .forEach(pair -> merges.add(
                            pair.isArray()
                                    ? pair.get(0).asString() + " " + pair.get(1).asString()
                                    : pair.asString()));
            Files.write(directory.resolve("merges.txt"), merges);

            assertSameTokens(model, "The children's boats, at 12 o'clock!", "Wind?");
            Files.delete(directory.resolve("tokenizer.json"));
        }
    }

    private void assertSameTokens(String model, String... texts) throws IOException {
        Path original = MODELS.resolve(model);
        for (String file : List.of("config.json", "tokenizer_config.json")) {
            Files.copy(
                    original.resolve(file), directory.resolve(file), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        }
        TokenizerFiles.complete(directory, Architecture.named(model).vocabulary());
        try (Tokenizer expected = Tokenizer.load(original, 64);
                Tokenizer found = Tokenizer.load(directory, 64)) {
            for (String text : texts) {
                assertThat(found.encode(text, null).ids())
                        .isEqualTo(expected.encode(text, null).ids());
            }
            assertThat(found.encode("The wind", "turned").ids())
                    .isEqualTo(expected.encode("The wind", "turned").ids());
        }
    }

    private static List<String> words(JsonNode vocabulary) {
        return vocabulary.properties().stream()
                .sorted(Comparator.comparingInt(entry -> entry.getValue().asInt()))
                .map(Map.Entry::getKey)
                .toList();
    }
}
