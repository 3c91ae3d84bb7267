package dev.anneal.transformer.check;

import static dev.anneal.transformer.check.HostileModels.file;
import static dev.anneal.transformer.check.HostileModels.json;
import static dev.anneal.transformer.check.HostileModels.tree;

import dev.anneal.transformer.check.HostileModels.Case;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Broken tokenizers. */
final class HostileTokenizers {
    private HostileTokenizers() {}

    static Case tokenizer(boolean kills, String base, String name, Consumer<ObjectNode> change, String... expected) {
        String[] all =
                Stream.concat(Stream.of("tokenizer.json"), Stream.of(expected)).toArray(String[]::new);
        return new Case("tokenizer", name, base, json("tokenizer.json", change), kills, all);
    }

    /** Returns broken tokenizers that our own code or that of the library refuses. */
    static Stream<Case> all() {
        return Stream.of(
                new Case(
                        "tokenizer",
                        "60 MB of empty objects",
                        "gpt2",
                        directory -> {
                            byte[] part = "{},".repeat(1 << 16).getBytes(StandardCharsets.US_ASCII);
                            try (OutputStream out = Files.newOutputStream(directory.resolve("tokenizer.json"))) {
                                out.write("{\"added_tokens\": [".getBytes(StandardCharsets.US_ASCII));
                                for (int i = 0; i < (60 << 20) / part.length; i++) {
                                    out.write(part);
                                }
                                out.write("{}]}".getBytes(StandardCharsets.US_ASCII));
                            }
                        },
                        false,
                        "tokenizer.json contains more than"),
                file("tokenizer", "gpt2", "tokenizer.json", "deep", "[".repeat(90_000), "tokenizer.json"),
                file(
                        "tokenizer",
                        "gpt2",
                        "tokenizer.json",
                        "deep field",
                        "{\"normalizer\": " + "[".repeat(400) + "]".repeat(400) + "}",
                        "tokenizer.json is nested"),
                file("tokenizer", "gpt2", "tokenizer.json", "not JSON", "{\"model\": nul", "tokenizer.json"),
                file("tokenizer", "gpt2", "tokenizer.json", "empty object", "{}", "tokenizer.json"),
                new Case(
                        "tokenizer",
                        "absent",
                        "gpt2",
                        d -> Files.delete(d.resolve("tokenizer.json")),
                        false,
                        "tokenizer.json"),
                tokenizer(
                        false,
                        "gpt2",
                        "id beyond the embedding",
                        json -> ((ObjectNode) json.path("model").path("vocab")).put("beyond", 500),
                        "500",
                        "vocab_size"),
                tokenizer(
                        false,
                        "gpt2",
                        "negative id",
                        json -> ((ObjectNode) json.path("model").path("vocab")).put("negative", -1),
                        "model.vocab"),
                tokenizer(
                        false,
                        "gpt2",
                        "id is no number",
                        json -> ((ObjectNode) json.path("model").path("vocab")).putObject("x"),
                        "model.vocab"),
                tokenizer(
                        false,
                        "gpt2",
                        "merges are numbers",
                        json -> ((ObjectNode) json.path("model")).set("merges", tree("[1, 2]")),
                        "model.merges"),
                tokenizer(
                        false,
                        "gpt2",
                        "added token beyond the embedding",
                        json -> add(json, 152, "<brand>"),
                        "<brand>"),
                tokenizer(
                        false,
                        "gpt2",
                        "added token with an id of another",
                        json -> add(json, 5, "<|endoftext|>"),
                        "added_tokens",
                        "<|endoftext|>"),
                tokenizer(
                        false,
                        "gpt2",
                        "added token without an id",
                        json -> ((ArrayNode) json.path("added_tokens")).addObject(),
                        "added_tokens[1]"),
                tokenizer(
                        false,
                        "bert",
                        "special token of the post-processor beyond the embedding",
                        HostileTokenizers::moveSpecialTokens,
                        "post_processor"),
                tokenizer(
                        false,
                        "gpt2",
                        "unknown pre-tokenizer",
                        json -> json.set("pre_tokenizer", tree("{\"type\": \"Magic\"}"))),
                tokenizer(
                        false,
                        "gpt2",
                        "unknown model",
                        json -> ((ObjectNode) json.path("model")).put("type", "Magic")));
    }

    private static void add(ObjectNode json, int id, String content) {
        ((ArrayNode) json.path("added_tokens"))
                .addObject()
                .put("id", id)
                .put("content", content)
                .put("single_word", false)
                .put("lstrip", false)
                .put("rstrip", false)
                .put("normalized", false)
                .put("special", true);
    }

    private static void moveSpecialTokens(ObjectNode json) {
        json.path("post_processor")
                .path("special_tokens")
                .forEach(token -> ((ObjectNode) token).set("ids", tree("[99999]")));
        for (String name : List.of("sep", "cls")) {
            if (json.path("post_processor").path(name) instanceof ArrayNode pair) {
                pair.set(1, tree("99999"));
            }
        }
    }

    /** Returns tokenizers that end the process that loads or uses them. */
    static Stream<Case> killers() {
        return Stream.of(
                tokenizer(
                        true,
                        "gpt2",
                        "garbage charsmap",
                        json -> json.set(
                                "normalizer", tree("{\"type\": \"Precompiled\", \"precompiled_charsmap\": \"AAAA\"}")),
                        "normalizer"),
                tokenizer(
                        true,
                        "gpt2",
                        "prefix longer than a token",
                        json -> ((ObjectNode) json.path("model")).put("continuing_subword_prefix", "ĠĠĠĠĠĠĠĠĠĠĠĠ"),
                        "model.continuing_subword_prefix"),
                tokenizer(
                        true,
                        "gpt2",
                        "pieces of length 0",
                        json -> json.set("pre_tokenizer", tree("{\"type\": \"FixedLength\", \"length\": 0}")),
                        "pre_tokenizer"),
                tokenizer(
                        true,
                        "gpt2",
                        "backtracking",
                        json -> json.set(
                                "pre_tokenizer",
                                tree("{\"type\": \"Split\", \"pattern\": {\"Regex\": \"(a+)+$|(.*a){25}b\"},"
                                        + " \"behavior\": \"Isolated\", \"invert\": false}")),
                        "pre_tokenizer"),
                tokenizer(
                        true,
                        "gpt2",
                        "strip more than a token has",
                        json -> json.set(
                                "decoder",
                                tree("{\"type\": \"Strip\", \"content\": \"a\", \"start\": 0, \"stop\": 40}")),
                        "decoder"),
                tokenizer(true, "gpt2", "added token that normalizes to nothing", json -> {
                    json.set(
                            "normalizer",
                            tree("{\"type\": \"Replace\", \"pattern\": {\"String\": \"x\"}, \"content\": \"\"}"));
                    add(json, 0, "x");
                    ((ObjectNode) json.path("added_tokens").path(1))
                            .put(
                                    "id",
                                    json.path("model").path("vocab").path("x").asInt())
                            .put("rstrip", true)
                            .put("normalized", true);
                }));
    }
}
