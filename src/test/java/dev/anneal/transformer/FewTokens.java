package dev.anneal.transformer;

import dev.anneal.json.Json;
import dev.anneal.transformer.format.HuggingFaceFiles;
import dev.anneal.transformer.weights.StoredTensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A part of the bundled vocabulary: its first tokens, which are the characters, their continuations and the most frequent words, and
 * the words that texts of tests have. Any text can still be read, if by more tokens.
 */
final class FewTokens {
    /** The last continuation of a letter, ##q, has the id 4,160. */
    private static final int FIRST = 4_200;

    private static final List<String> WORDS = List.of(
            "anna",
            "ate",
            "awful",
            "bland",
            "bread",
            "cake",
            "cream",
            "delicious",
            "disgusting",
            "dish",
            "friendly",
            "julia",
            "lovely",
            "madrid",
            "quick",
            "rained",
            "rude",
            "salad",
            "soup",
            "tea",
            "terrible",
            "vienna",
            "waiter");

    private final Path model;

    /** The tokens by their ids in the whole vocabulary. */
    private final Map<Integer, String> tokens = new TreeMap<>();

    private FewTokens(Path model, JsonNode vocabulary) {
        this.model = model;
        vocabulary.forEachEntry((token, id) -> {
            if (id.asInt() < FIRST || WORDS.contains(token)) {
                tokens.put(id.asInt(), token);
            }
        });
    }

    /** Returns that part of the vocabulary of a model. */
    static FewTokens of(Path model) throws IOException {
        return new FewTokens(model, tokenizer(model).get("model").get("vocab"));
    }

    private static JsonNode tokenizer(Path model) throws IOException {
        return Json.MAPPER.readTree(Files.readString(model.resolve(HuggingFaceFiles.TOKENIZER)));
    }

    int count() {
        return tokens.size();
    }

    /** Writes the tokenizer of the model with these tokens only. The first ones, with all special tokens, keep their ids. */
    void writeTokenizer(Path directory) throws IOException {
        ObjectNode tokenizer = (ObjectNode) tokenizer(model);
        ObjectNode vocabulary = ((ObjectNode) tokenizer.get("model")).putObject("vocab");
        tokens.values().forEach(token -> vocabulary.put(token, vocabulary.size()));
        Files.writeString(directory.resolve(HuggingFaceFiles.TOKENIZER), Json.write(tokenizer));
        Files.copy(
                model.resolve(HuggingFaceFiles.TOKENIZER_CONFIG), directory.resolve(HuggingFaceFiles.TOKENIZER_CONFIG));
    }

    /** Returns the rows of a matrix with a row of numbers for each token of the whole vocabulary. */
    StoredTensor rows(StoredTensor all) {
        int width = Math.toIntExact(all.shape()[1]);
        return new StoredTensor("F32", new long[] {count(), width}, () -> {
            ByteBuffer from = all.bytes().get();
            ByteBuffer rows = ByteBuffer.allocate(4 * count() * width);
            tokens.keySet().forEach(id -> rows.put(from.slice(4 * id * width, 4 * width)));
            return rows.flip();
        });
    }
}
