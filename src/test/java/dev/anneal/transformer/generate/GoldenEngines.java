package dev.anneal.transformer.generate;

import dev.anneal.json.Json;
import dev.anneal.transformer.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/** Engines of the small decoders, and texts that they generate. */
abstract class GoldenEngines {
    static final int MUCH = 1 << 20;

    @TempDir
    Path temporary;

    static GenerationEngine load(Path directory, String precision, int texts, int cacheTokens, int waitingTokens) {
        return GenerationEngine.load(
                directory, "cpu", precision, new GenerationEngine.Limits(1, texts, cacheTokens, waitingTokens));
    }

    GenerationEngine load(String name, String precision) throws IOException {
        return load(directory(name), precision, 8, MUCH, MUCH);
    }

    /** Some goldens have no tokenizer. */
    Path directory(String name) throws IOException {
        return directory(name, Map.of());
    }

    Path directory(String name, Map<String, ? extends Number> settings) throws IOException {
        Path directory = Files.createTempDirectory(temporary, name);
        for (Map.Entry<String, Path> file : Golden.of(name).files().entrySet()) {
            Files.copy(file.getValue(), directory.resolve(file.getKey()));
        }
        Path config = directory.resolve("config.json");
        ObjectNode fields = (ObjectNode) Json.MAPPER.readTree(Files.readString(config));
        settings.forEach((field, value) -> fields.set(field, Json.MAPPER.valueToTree(value)));
        fields.remove("eos_token_id");
        Files.writeString(config, fields.toString());
        return directory;
    }

    static GenerationOptions options(int tokens, double temperature, int topK, double topP, long seed) {
        return new GenerationOptions(tokens, temperature, topP, topK, List.of(), seed, 2);
    }

    static Heard alone(GenerationEngine engine, int[] prompt, GenerationOptions options) {
        Heard heard = new Heard();
        engine.submit(prompt, options, heard);
        heard.await();
        return heard;
    }
}
