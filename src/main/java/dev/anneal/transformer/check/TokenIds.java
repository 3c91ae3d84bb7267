package dev.anneal.transformer.check;

import dev.anneal.text.Visible;
import dev.anneal.transformer.format.HuggingFaceFiles;
import dev.anneal.transformer.format.ModelException;
import dev.anneal.transformer.tokenizer.TokenizerJson;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Compares the ids of tokens in the files of a model with the rows of its embedding. */
final class TokenIds {
    private static final String FILE = HuggingFaceFiles.TOKENIZER;
    private static final List<String> PAIRS = List.of("sep", "cls");

    private TokenIds() {}

    /** Checks the fields of a file that name tokens, such as {@code eos_token_id}. */
    static void checkFields(String file, JsonNode fields, int rows) {
        if (!fields.isObject() && !fields.isMissingNode()) {
            throw new ModelException(file + " is not a JSON object");
        }
        fields.properties().forEach(entry -> {
            String name = entry.getKey();
            JsonNode value = entry.getValue();
            if (name.endsWith("_token_id") && !value.isNull()) {
                if (value.isArray()) {
                    value.forEach(id -> checkField(file, name, id, rows));
                } else if (!(name.equals("pad_token_id") && value.isIntegralNumber() && value.asDouble() == -1)) {
                    checkField(file, name, value, rows); // -1 means that there is no such token
                }
            }
        });
    }

    private static void checkField(String file, String name, JsonNode id, int rows) {
        if (!id.isIntegralNumber() || !id.canConvertToInt() || id.asInt() < 0 || id.asInt() >= rows) {
            throw new ModelException(file + ": '" + Visible.quote(name) + "' must be an integer from 0 to " + (rows - 1)
                    + ", because vocab_size in config.json is " + rows);
        }
    }

    /** Checks each id that a tokenizer can produce by its file. */
    static void check(TokenizerJson json, int rows) {
        if (json.largest() >= rows) {
            throw new ModelException(FILE + " contains the token number " + json.largest()
                    + ", but vocab_size in config.json is " + rows);
        }
        Map<String, Integer> known = new HashMap<>(json.vocabulary());
        List<TokenizerJson.Added> added = json.added();
        for (int i = 0; i < added.size(); i++) {
            String place = "added_tokens[" + i + "]";
            String content = added.get(i).content();
            checkId(place, content, added.get(i).id(), rows);
            Integer other = known.putIfAbsent(content, added.get(i).id());
            if (other != null && other != added.get(i).id()) {
                throw new ModelException(FILE + ": '" + place + "' gives '" + Visible.quote(content) + "' the id "
                        + added.get(i).id() + ", but its id is " + other + " elsewhere in the file");
            }
        }
        checkProcessor(json.part("post_processor"), known, rows);
    }

    private static void checkProcessor(JsonNode processor, Map<String, Integer> known, int rows) {
        for (String name : PAIRS) {
            JsonNode pair = processor.path(name);
            if (pair.isArray()) {
                checkSpecial("post_processor." + name, pair.path(0), pair.path(1), known, rows);
            }
        }
        processor.path("special_tokens").properties().forEach(entry -> {
            JsonNode ids = entry.getValue().path("ids");
            JsonNode tokens = entry.getValue().path("tokens");
            for (int i = 0; i < ids.size(); i++) {
                checkSpecial("post_processor.special_tokens", tokens.path(i), ids.path(i), known, rows);
            }
        });
        processor.path("processors").forEach(each -> checkProcessor(each, known, rows));
    }

    private static void checkSpecial(String place, JsonNode token, JsonNode id, Map<String, Integer> known, int rows) {
        String text = token.isString() ? token.asString() : "";
        if (!id.isIntegralNumber() || !id.canConvertToInt()) {
            throw new ModelException(FILE + ": an id in '" + place + "' is not an integer");
        }
        checkId(place, text, id.asInt(), rows);
        Integer other = known.get(text);
        if (other != null && other != id.asInt()) {
            throw new ModelException(FILE + ": '" + place + "' gives '" + Visible.quote(text) + "' the id " + id.asInt()
                    + ", but its id is " + other + " elsewhere in the file");
        }
    }

    private static void checkId(String place, String token, int id, int rows) {
        if (id < 0 || id >= rows) {
            throw new ModelException(FILE + ": '" + place + "' gives '" + Visible.quote(token) + "' the id " + id
                    + ", but the model has only the ids 0 to " + (rows - 1) + " (vocab_size in config.json is " + rows
                    + ")");
        }
    }
}
