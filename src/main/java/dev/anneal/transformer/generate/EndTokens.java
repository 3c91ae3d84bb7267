package dev.anneal.transformer.generate;

import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.format.HuggingFaceFiles;
import dev.anneal.transformer.tokenizer.ChatTemplate;
import dev.anneal.transformer.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** The tokens that end a text. */
final class EndTokens {
    private EndTokens() {}

    /** Returns the end tokens of the configuration, the generation settings and the tokenizer, and the end of a chat turn. */
    static Set<Integer> of(Path directory, ModelConfig config, ChatTemplate template, Tokenizer tokenizer) {
        Set<Integer> ends = new HashSet<>();
        addNumbers(ends, config.fields().path("eos_token_id"));
        addNumbers(
                ends,
                HuggingFaceFiles.read(directory.resolve(HuggingFaceFiles.GENERATION_CONFIG))
                        .path("eos_token_id"));
        Integer endToken = tokenizer.endToken();
        if (endToken != null) {
            ends.add(endToken);
        }
        int[] endOfTurn = tokenizer.encodeAll(template.endOfTurn(), false);
        boolean isSpecial = endOfTurn.length > 0
                && tokenizer.decode(new int[] {endOfTurn[0]}).isEmpty();
        if (isSpecial) {
            ends.add(endOfTurn[0]);
        }
        return Set.copyOf(ends);
    }

    private static void addNumbers(Set<Integer> numbers, JsonNode value) {
        if (value.isIntegralNumber()) {
            numbers.add(value.asInt());
        }
        value.valueStream().filter(JsonNode::isIntegralNumber).forEach(number -> numbers.add(number.asInt()));
    }
}
