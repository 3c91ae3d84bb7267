package dev.anneal.transformer.check;

import dev.anneal.json.Json;
import dev.anneal.transformer.jinja.HostileTemplates;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Models with a broken file: the known ones, of which we know the answer, and mutations, to which any answer is right. */
public final class HostileModels {
    private static final Path MODELS = Path.of("src/test/resources/models");
    private static final List<String> BASES = List.of("gpt2", "llama", "bert", "mistral", "qwen2", "distilbert");

    /** Changes the files of a model. */
    public interface Change {
        void apply(Path directory) throws IOException;
    }

    /**
     * A change of one of the small models. The answer must contain the texts; if there are none, any answer is right, also that
     * the model is valid. {@code kills} if the change ends a process that reads the model.
     */
    public record Case(String kind, String name, String base, Change change, boolean kills, String... expected) {
        /** Writes the broken model into a new directory. */
        public Path write(Path parent) throws IOException {
            Path directory = Files.createTempDirectory(parent, "model");
            try (Stream<Path> files = Files.list(MODELS.resolve(base))) {
                for (Path file : files.toList()) {
                    if (!file.endsWith("golden.json")) {
                        Files.copy(file, directory.resolve(file.getFileName()));
                    }
                }
            }
            change.apply(directory);
            return directory;
        }

        @Override
        public String toString() {
            return kind + ": " + name;
        }
    }

    private HostileModels() {}

    private static Change json(String file, Consumer<ObjectNode> change) {
        return directory -> {
            Path path = directory.resolve(file);
            ObjectNode fields = Files.exists(path)
                    ? (ObjectNode) Json.MAPPER.readTree(Files.readString(path))
                    : Json.MAPPER.createObjectNode();
            change.accept(fields);
            write(path, Json.write(fields));
        };
    }

    private static Case config(String base, String field, String value, String... expected) {
        return new Case(
                "config",
                base + "." + field + "=" + (value.length() > 40 ? value.substring(0, 40) : value),
                base,
                json("config.json", fields -> fields.set(field, Json.MAPPER.readTree(value))),
                false,
                expected.length == 0 ? new String[] {"config.json", field} : expected);
    }

    private static Case tokenizer(
            boolean kills, String base, String name, Consumer<ObjectNode> change, String... expected) {
        String[] all =
                Stream.concat(Stream.of("tokenizer.json"), Stream.of(expected)).toArray(String[]::new);
        return new Case("tokenizer", name, base, json("tokenizer.json", change), kills, all);
    }

    private static Case file(String kind, String base, String file, String name, String text, String... expected) {
        return new Case(kind, name, base, directory -> write(directory.resolve(file), text), false, expected);
    }

    /** A mutation may have split a pair of surrogates, which no file in UTF-8 has. */
    private static void write(Path file, String text) throws IOException {
        Files.write(file, text.getBytes(StandardCharsets.UTF_8));
    }

    private static String labels(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "\"" + i + "\": \"" + i + "\"")
                .collect(Collectors.joining(", ", "{", "}"));
    }

    private static JsonNode tree(String json) {
        return Json.MAPPER.readTree(json);
    }

    /** Returns broken configurations. */
    public static Stream<Case> configs() {
        String deep = "[".repeat(300) + "]".repeat(300);
        return Stream.of(
                config("gpt2", "n_layer", "3000000"),
                config("gpt2", "n_layer", "100000001"),
                config("gpt2", "n_layer", "-1"),
                config("gpt2", "n_layer", "2.5"),
                config("gpt2", "n_layer", "\"2\""),
                config("gpt2", "n_layer", "1e999"),
                config("gpt2", "n_layer", "9".repeat(500)),
                config("gpt2", "layer_norm_epsilon", "-1e-5"),
                config("gpt2", "layer_norm_epsilon", "0"),
                config("gpt2", "layer_norm_epsilon", "1e300"),
                config("gpt2", "layer_norm_epsilon", "\"small\""),
                config("gpt2", "n_head", "0"),
                config("gpt2", "n_head", "3", "n_head"),
                config("gpt2", "n_embd", "99999999", "config.json"),
                config("gpt2", "n_positions", "100000000", "config.json"),
                config("gpt2", "vocab_size", "2147483648"),
                config("gpt2", "vocab_size", "1", "config.json"),
                config("gpt2", "eos_token_id", "1e30"),
                config("gpt2", "eos_token_id", "1000000"),
                config("gpt2", "eos_token_id", "[0, -1]"),
                config("gpt2", "eos_token_id", "\"</s>\""),
                config("gpt2", "bos_token_id", "152.5"),
                config("gpt2", "pad_token_id", "99999"),
                config("gpt2", "scale_attn_weights", "\"yes\""),
                config("gpt2", "activation_function", "7"),
                config("gpt2", "activation_function", "\"" + "x".repeat(100_000) + "\""),
                config("gpt2", "model_type", "\"gpt\\u00002\"", "not supported"),
                config("gpt2", "model_type", "{}", "not supported"),
                config("llama", "head_dim", "-2"),
                config("llama", "head_dim", "99999998", "config.json"),
                config("llama", "head_dim", "7", "config.json"),
                config("llama", "num_attention_heads", "99999999", "config.json"),
                config("llama", "num_key_value_heads", "3"),
                config("llama", "rms_norm_eps", "-1"),
                config("llama", "rope_parameters", "{\"rope_theta\": -1, \"rope_type\": \"default\"}", "rope_theta"),
                config("llama", "rope_parameters", "{\"rope_type\": [1]}", "config.json"),
                config("llama", "rope_parameters", "{\"rope_type\": \"llama3\", \"factor\": 0}", "factor"),
                config("llama", "intermediate_size", "49", "config.json"),
                config("llama", "tie_word_embeddings", "3"),
                config("llama", "num_hidden_layers", "99999"),
                config("mistral", "sliding_window", "\"wide\""),
                config("mistral", "sliding_window", "-4"),
                config("bert", "num_hidden_layers", "0"),
                config("bert", "type_vocab_size", "1", "config.json"),
                config("bert", "layer_norm_eps", "-0.1"),
                config("bert", "id2label", "{\"0\": \"" + "L".repeat(201) + "\"}"),
                config("bert", "id2label", "{\"0\": \"a\\u0000\"}"),
                config("bert", "id2label", labels(10_001)),
                config(
                        "bert",
                        "id2label",
                        "{\"0\": \"good\", \"1\": \"bad\", \"2\": \"good\"}",
                        "config.json: two ids in 'id2label' have the label 'good'. Give one of them another label"),
                config("bert", "max_position_embeddings", "7", "config.json"),
                config("distilbert", "n_layers", "77777"),
                file("config", "gpt2", "config.json", "not JSON", "{\"n_layer\": ", "config.json is not valid JSON"),
                file("config", "gpt2", "config.json", "a list", "[1]", "config.json"),
                file("config", "gpt2", "config.json", "empty", "", "config.json"),
                file("config", "gpt2", "config.json", "deep", deep, "config.json is nested"),
                file(
                        "config",
                        "gpt2",
                        "config.json",
                        "many objects",
                        "[" + "{},".repeat(400_000) + "{}]",
                        "config.json"),
                file("config", "gpt2", "config.json", "two values", "{} {}", "config.json"),
                new Case("config", "absent", "gpt2", d -> Files.delete(d.resolve("config.json")), false, "config.json"),
                file("generation", "gpt2", "generation_config.json", "not JSON", "{", "generation_config.json"),
                file("generation", "gpt2", "generation_config.json", "a list", "[]", "generation_config.json"),
                file(
                        "generation",
                        "gpt2",
                        "generation_config.json",
                        "large id",
                        "{\"eos_token_id\": [1, 99999]}",
                        "generation_config.json",
                        "eos_token_id"),
                file(
                        "generation",
                        "gpt2",
                        "generation_config.json",
                        "no integer",
                        "{\"eos_token_id\": 1e30}",
                        "generation_config.json",
                        "eos_token_id"),
                file("settings", "gpt2", "tokenizer_config.json", "not JSON", "[", "tokenizer_config.json"),
                new Case(
                        "settings",
                        "no room",
                        "bert",
                        json("tokenizer_config.json", fields -> fields.put("model_max_length", 2)),
                        false,
                        "tokenizer_config.json",
                        "model_max_length"),
                new Case(
                        "settings",
                        "template is a number",
                        "gpt2",
                        json("tokenizer_config.json", fields -> fields.put("chat_template", 5)),
                        false,
                        "tokenizer_config.json",
                        "chat_template"));
    }

    /** Returns broken tokenizers that our own code or that of the library refuses. */
    public static Stream<Case> tokenizers() {
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
                        HostileModels::moveSpecialTokens,
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
    public static Stream<Case> killers() {
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

    /** Returns templates that fail or need too much; {@code every} leaves out all but each so many. */
    public static Stream<Case> templates(int every) {
        List<Case> cases = new ArrayList<>();
        List<String> greedy = HostileTemplates.greedy().toList();
        IntStream.range(0, greedy.size())
                .filter(i -> i % every == 0)
                .forEach(
                        i -> cases.add(file("template", "llama", "chat_template.jinja", "greedy " + i, greedy.get(i))));
        cases.add(file(
                "template",
                "llama",
                "chat_template.jinja",
                "fault",
                "\n{{ 1 + 'a' }}",
                "chat_template.jinja",
                "line 2"));
        cases.add(file(
                "template", "llama", "chat_template.jinja", "syntax", "{% if %}", "chat_template.jinja", "line 1"));
        cases.add(
                file("template", "llama", "chat_template.jinja", "large", "x".repeat(5 << 20), "chat_template.jinja"));
        return cases.stream();
    }

    /** Returns weights with wrong headers and numbers. */
    public static Stream<Case> weights() {
        return Stream.of(
                numbers("NaN", Float.NaN),
                numbers("Infinity", Float.POSITIVE_INFINITY),
                header("no header", text -> ""),
                header("not JSON", text -> text.replace('{', '[')),
                header("a list", text -> "[1]"),
                header("many objects", text -> "{\"a\": [" + "{},".repeat(400_000) + "{}]}"),
                header("deep", text -> "[".repeat(5000)),
                header(
                        "negative offset",
                        text -> text.replaceFirst("\"data_offsets\":\\s*\\[0", "\"data_offsets\":[-8")),
                header("huge offset", text -> text.replaceFirst("\"data_offsets\":\\s*\\[0", "\"data_offsets\":[9e18")),
                header(
                        "overflow",
                        text -> "{\"wte.weight\": {\"dtype\": \"F32\", \"shape\": [9223372036854775807, 9],"
                                + " \"data_offsets\": [1, 0]}}"),
                header(
                        "many dimensions",
                        text -> text.replaceFirst("\"shape\":\\s*\\[", "\"shape\":[1,1,1,1,1,1,1,1,")),
                header("unknown type", text -> text.replaceFirst("F32", "F31")),
                header("integers", text -> text.replace("F32", "I32")),
                header("other shape", text -> text.replace("[152,32]", "[32,152]")),
                header("missing tensor", text -> text.replaceFirst("ln_f", "ln_g")),
                new Case(
                        "weights",
                        "truncated",
                        "gpt2",
                        directory -> {
                            Path file = directory.resolve("model.safetensors");
                            Files.write(file, Arrays.copyOf(Files.readAllBytes(file), (int) (Files.size(file) / 2)));
                        },
                        false,
                        "model.safetensors"),
                new Case(
                        "weights",
                        "empty",
                        "gpt2",
                        d -> Files.write(d.resolve("model.safetensors"), new byte[0]),
                        false,
                        "model.safetensors"),
                new Case(
                        "weights",
                        "absent",
                        "gpt2",
                        directory -> Files.delete(directory.resolve("model.safetensors")),
                        false,
                        "model.safetensors"),
                file("weights", "gpt2", "model.safetensors", "text", "x".repeat(5000), "model.safetensors"));
    }

    private static Case numbers(String name, float number) {
        return new Case(
                "weights",
                name,
                "gpt2",
                directory -> {
                    try (RandomAccessFile file = new RandomAccessFile(
                            directory.resolve("model.safetensors").toFile(), "rw")) {
                        file.seek(file.length() - 4);
                        file.writeInt(Integer.reverseBytes(Float.floatToRawIntBits(number)));
                    }
                },
                false,
                "model.safetensors",
                "infinite or not a number");
    }

    private static Case header(String name, java.util.function.UnaryOperator<String> change) {
        return new Case(
                "weights",
                "header: " + name,
                "gpt2",
                directory -> writeHeader(directory.resolve("model.safetensors"), change),
                false,
                "model.safetensors");
    }

    private static void writeHeader(Path path, java.util.function.UnaryOperator<String> change) throws IOException {
        byte[] all = Files.readAllBytes(path);
        int length = (int) ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN).getLong();
        byte[] header =
                change.apply(new String(all, 8, length, StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8);
        ByteBuffer out =
                ByteBuffer.allocate(8 + header.length + all.length - 8 - length).order(ByteOrder.LITTLE_ENDIAN);
        out.putLong(header.length).put(header).put(all, 8 + length, all.length - 8 - length);
        Files.write(path, out.array());
    }

    /** Returns mutations of the JSON files, templates and headers of the small models, without end. */
    public static Stream<Case> mutations(long seed) {
        Random random = new Random(seed);
        Map<String, java.util.Iterator<String>> templates = new HashMap<>();
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
                            d -> writeHeader(d.resolve("model.safetensors"), text -> mutated(text, own)),
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

    /** Returns the case's model in a new directory; for streams. */
    static Path write(Case hostile, Path parent) {
        try {
            return hostile.write(parent);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
