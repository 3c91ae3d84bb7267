package dev.anneal.transformer.check;

import static dev.anneal.transformer.check.HostileModels.file;
import static dev.anneal.transformer.check.HostileModels.json;

import dev.anneal.json.Json;
import dev.anneal.transformer.check.HostileModels.Case;
import java.nio.file.Files;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Broken configurations of models. */
final class HostileConfigs {
    private HostileConfigs() {}

    private static Case config(String base, String field, String value, String... expected) {
        return new Case(
                "config",
                base + "." + field + "=" + (value.length() > 40 ? value.substring(0, 40) : value),
                base,
                json("config.json", fields -> fields.set(field, Json.MAPPER.readTree(value))),
                false,
                expected.length == 0 ? new String[] {"config.json", field} : expected);
    }

    private static String labels(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "\"" + i + "\": \"" + i + "\"")
                .collect(Collectors.joining(", ", "{", "}"));
    }

    /** Returns broken configurations. */
    static Stream<Case> all() {
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
}
