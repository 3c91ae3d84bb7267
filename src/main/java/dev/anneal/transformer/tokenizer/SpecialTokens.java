package dev.anneal.transformer.tokenizer;

import dev.anneal.transformer.format.HuggingFaceFiles;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The special tokens in the tokenizer's settings; null if there is none of a kind. */
record SpecialTokens(
        @Nullable String mask,
        @Nullable String begin,
        @Nullable String end) {
    static SpecialTokens of(Path modelDirectory) {
        return new SpecialTokens(
                find(modelDirectory, "mask_token"),
                find(modelDirectory, "bos_token"),
                find(modelDirectory, "eos_token"));
    }

    private static @Nullable String find(Path directory, String name) {
        for (String file : List.of(HuggingFaceFiles.TOKENIZER_CONFIG, HuggingFaceFiles.SPECIAL_TOKENS)) {
            JsonNode token = HuggingFaceFiles.read(directory.resolve(file)).path(name);
            String text = token.isObject() ? token.path("content").asString(null) : token.asString(null);
            if (text != null) {
                return text;
            }
        }
        return null;
    }
}
