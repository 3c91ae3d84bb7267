package dev.anneal.transformer.check;

import static dev.anneal.transformer.check.HostileModels.file;
import static dev.anneal.transformer.check.HostileModels.tree;
import static dev.anneal.transformer.check.HostileModels.write;

import dev.anneal.json.Json;
import dev.anneal.transformer.check.HostileModels.Case;
import dev.anneal.transformer.jinja.HostileTemplates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Random changes of the files of models. */
final class HostileMutations {
    private static final List<String> BASES = List.of("gpt2", "llama", "bert", "mistral", "qwen2", "distilbert");

    private static final List<String> VALUES = List.of(
            "null",
            "true",
            "-1",
            "0",
            "1",
            "1e30",
            "2147483648",
            "-9223372036854775808",
            "0.5",
            "\"\"",
            "\"x\"",
            "[]",
            "{}",
            "[0]",
            "[[]]",
            "{\"type\": \"ByteLevel\"}",
            "{\"type\": \"Lowercase\"}",
            "{\"type\": \"NFD\"}",
            "\"\\u0000\"",
            "{\"type\": \"Strip\", \"strip_left\": true, \"strip_right\": true}",
            "{\"type\": \"Replace\", \"pattern\": {\"Regex\": \"(.|\\\\s)*\"}, \"content\": \"\"}",
            "{\"type\": \"Replace\", \"pattern\": {\"String\": \"\"}, \"content\": \"aa\"}",
            "{\"type\": \"Replace\", \"pattern\": {\"Regex\": \"\"}, \"content\": \"\"}",
            "{\"type\": \"Prepend\", \"prepend\": \"\"}",
            "{\"type\": \"StripAccents\"}",
            "{\"type\": \"Strip\", \"content\": \"a\", \"start\": 9, \"stop\": 9}",
            "{\"type\": \"CTC\", \"pad_token\": \"\", \"word_delimiter_token\": \"\", \"cleanup\": true}",
            "{\"type\": \"Metaspace\", \"replacement\": \"▁\", \"prepend_scheme\": \"always\", \"split\": true}",
            "{\"type\": \"FixedLength\", \"length\": 0}",
            "{\"type\": \"Punctuation\", \"behavior\": \"MergedWithNext\"}",
            "{\"type\": \"Digits\", \"individual_digits\": true}",
            "{\"type\": \"ByteFallback\"}",
            "{\"type\": \"Fuse\"}",
            "{\"type\": \"BPEDecoder\", \"suffix\": \"\"}",
            "{\"type\": \"WordPiece\", \"prefix\": \"abcdef\", \"cleanup\": true}",
            "{\"type\": \"Split\", \"pattern\": {\"Regex\": \"(x+x+)+y|(a|aa)+$\"}, \"behavior\": \"Removed\", \"invert\": true}");

    private HostileMutations() {}

    /** Returns mutations of the JSON files, templates and headers of the small models, without end. */
    static Stream<Case> all(long seed) {
        Random random = new Random(seed);
        Map<String, Iterator<String>> templates = new HashMap<>();
        templates.put("llama", HostileTemplates.mutations(seed).iterator());
        return Stream.generate(() -> {
            String base = BASES.get(random.nextInt(BASES.size()));
            long own = random.nextLong();
            return switch (random.nextInt(5)) {
                case 0 ->
                    new Case("config", "mutation " + own, base, d -> mutate(d.resolve("config.json"), own), false);
                case 1 ->
                    new Case(
                            "settings",
                            "mutation " + own,
                            base,
                            d -> mutate(d.resolve("tokenizer_config.json"), own),
                            false);
                case 2 -> {
                    String template = templates.get("llama").next();
                    yield file("template", "llama", "chat_template.jinja", "mutation " + own, template);
                }
                case 3 ->
                    new Case(
                            "weights",
                            "mutation " + own,
                            base,
                            d -> HostileWeights.writeHeader(d.resolve("model.safetensors"), text -> mutated(text, own)),
                            false);
                default ->
                    new Case(
                            "tokenizer", "mutation " + own, base, d -> mutate(d.resolve("tokenizer.json"), own), false);
            };
        });
    }

    private static void mutate(Path file, long seed) throws IOException {
        write(file, mutated(Files.readString(file), seed));
    }

    /** Replaces, removes or renames values of a JSON text. */
    private static String mutated(String text, long seed) {
        Random random = new Random(seed);
        JsonNode root = Json.MAPPER.readTree(text);
        List<Runnable> changes = new ArrayList<>();
        collect(root, changes, random, 0);
        for (int i = random.nextInt(2); i >= 0 && !changes.isEmpty(); i--) {
            changes.get(random.nextInt(changes.size())).run();
        }
        return Json.write(root);
    }

    /** Collects a change for each value; of a long list or object, such as a vocabulary, for a few. */
    private static void collect(JsonNode node, List<Runnable> changes, Random random, int depth) {
        if (node instanceof ObjectNode object) {
            List<String> names = new ArrayList<>(object.propertyNames());
            for (int i = 0; i < Math.min(names.size(), 60); i++) {
                String name = names.get(names.size() <= 60 ? i : random.nextInt(names.size()));
                collect(object.get(name), changes, random, depth + 1);
                changes.add(() -> object.set(name, value(random)));
                if (random.nextInt(4) == 0) {
                    changes.add(() -> object.remove(name));
                }
            }
        } else if (node instanceof ArrayNode array) {
            for (int i = 0; i < Math.min(array.size(), 8); i++) {
                int at = array.size() <= 8 ? i : random.nextInt(array.size());
                collect(array.get(at), changes, random, depth + 1);
                changes.add(() -> array.set(Math.min(at, array.size() - 1), value(random)));
            }
        }
    }

    private static JsonNode value(Random random) {
        return tree(VALUES.get(random.nextInt(VALUES.size())));
    }
}
