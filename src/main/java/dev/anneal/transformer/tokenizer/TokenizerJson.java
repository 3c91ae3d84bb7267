package dev.anneal.transformer.tokenizer;

import dev.anneal.json.Json;
import dev.anneal.text.Visible;
import dev.anneal.transformer.format.BoundedJson;
import dev.anneal.transformer.format.HuggingFaceFiles;
import dev.anneal.transformer.format.ModelException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A {@code tokenizer.json}: its vocabulary, and the rest as a tree in which {@code model} lacks the vocabulary and the merges.
 * It is read value by value, within limits of size, depth and number of values.
 */
public record TokenizerJson(ObjectNode rest, Map<String, Integer> vocabulary, int largest) {
    private static final long MAX_BYTES = 64 << 20;
    private static final int MAX_VALUES = 6_000_000;
    private static final int MAX_OTHER_VALUES = 500_000;
    private static final String FILE = HuggingFaceFiles.TOKENIZER;
    private static final String VOCABULARY = "vocab";
    private static final String MERGES = "merges";

    /** A token that is added to the vocabulary. */
    public record Added(int id, String content) {}

    /** Reads the file of a model directory. */
    public static TokenizerJson read(Path modelDirectory) {
        try (BoundedJson json = BoundedJson.open(modelDirectory.resolve(FILE), MAX_BYTES, MAX_VALUES)) {
            Reader reader = new Reader(json);
            json.object(reader::field);
            json.end();
            return new TokenizerJson(reader.rest, reader.vocabulary, reader.largest);
        } catch (JacksonException e) {
            throw new ModelException(FILE + " is not valid JSON: " + Json.reason(e), e);
        } catch (IOException e) {
            throw new ModelException(FILE + " cannot be read", e);
        }
    }

    private static final class Reader {
        final BoundedJson json;
        final ObjectNode rest = Json.MAPPER.createObjectNode();
        final Map<String, Integer> vocabulary = new HashMap<>();
        int largest = -1;

        Reader(BoundedJson json) {
            this.json = json;
        }

        void field(String name, JsonToken first) {
            if (name.equals("model") && first == JsonToken.START_OBJECT) {
                ObjectNode model = Json.MAPPER.createObjectNode();
                rest.set(name, model);
                json.object((inner, token) -> {
                    if (inner.equals(VOCABULARY)) {
                        vocabulary(token);
                    } else if (inner.equals(MERGES)) {
                        merges(token);
                    } else {
                        model.set(inner, json.tree(MAX_OTHER_VALUES));
                    }
                });
            } else {
                rest.set(name, json.tree(MAX_OTHER_VALUES));
            }
        }

        /** Reads an object of numbers by tokens, or a list of pairs of a token and its score. */
        void vocabulary(JsonToken first) {
            if (first == JsonToken.START_OBJECT) {
                json.object((token, value) -> {
                    Integer id = json.integer();
                    if (id == null || id < 0) {
                        throw new ModelException(FILE + ": the id of '" + Visible.quote(token)
                                + "' in 'model.vocab' must be an integer from 0");
                    }
                    add(token, id);
                });
            } else if (first == JsonToken.START_ARRAY) {
                json.array(pair -> {
                    if (pair != JsonToken.START_ARRAY) {
                        throw notPairs();
                    }
                    JsonNode tokenAndScore = json.tree(MAX_OTHER_VALUES);
                    if (tokenAndScore.size() != 2
                            || !tokenAndScore.path(0).isString()
                            || !tokenAndScore.path(1).isNumber()) {
                        throw notPairs();
                    }
                    add(tokenAndScore.path(0).asString(), largest + 1);
                });
            } else {
                throw new ModelException(FILE + ": 'model.vocab' must be an object or a list");
            }
        }

        static ModelException notPairs() {
            return new ModelException(FILE + ": 'model.vocab' must be a list of pairs of a token and its score");
        }

        void add(String token, int id) {
            vocabulary.put(token, id);
            largest = Math.max(largest, id);
        }

        /** Checks that each merge is a text or a pair of texts. */
        void merges(JsonToken first) {
            if (first != JsonToken.START_ARRAY) {
                json.skip();
                return;
            }
            json.array(merge -> {
                if (merge == JsonToken.START_ARRAY) {
                    json.array(part -> text());
                } else {
                    text();
                }
            });
        }

        void text() {
            if (json.text() == null) {
                throw new ModelException(FILE + ": 'model.merges' must be a list of texts or of pairs of texts");
            }
        }
    }

    /** Returns a part of the file, such as {@code pre_tokenizer}; a missing node if there is none. */
    public JsonNode part(String name) {
        return rest.path(name);
    }

    /** Returns the added tokens; throws a {@link ModelException} if one has no id or no content. */
    public List<Added> added() {
        List<Added> all = new ArrayList<>();
        JsonNode list = part("added_tokens");
        if (!list.isArray() && !list.isMissingNode() && !list.isNull()) {
            throw new ModelException(FILE + ": 'added_tokens' must be a list");
        }
        for (JsonNode token : list) {
            JsonNode id = token.path("id");
            if (!id.isIntegralNumber() || !id.canConvertToInt() || id.asInt() < 0) {
                throw new ModelException(
                        FILE + ": 'id' in 'added_tokens[" + all.size() + "]' must be an integer from 0");
            }
            if (!token.path("content").isString()) {
                throw new ModelException(FILE + ": 'content' in 'added_tokens[" + all.size() + "]' must be a string");
            }
            all.add(new Added(id.asInt(), token.path("content").asString()));
        }
        return all;
    }

    /** Returns the token that stands for characters which the vocabulary lacks; null if there is none. */
    @Nullable
    Integer unknown() {
        JsonNode model = part("model");
        if (model.path("unk_id").isIntegralNumber()) {
            return model.path("unk_id").asInt();
        }
        String token = model.path("unk_token").asString(null);
        return token == null ? null : vocabulary.get(token);
    }

    /** Returns the ids of the added tokens that stand for no text. */
    Set<Integer> specialIds() {
        return part("added_tokens")
                .valueStream()
                .filter(token -> token.path("special").asBoolean(false))
                .map(token -> token.path("id").asInt(-1))
                .collect(Collectors.toSet());
    }

    /** Returns the parts whose absence leaves a tokenizer, each as a path: those that a search for a faulty part takes out. */
    public List<List<String>> parts() {
        List<List<String>> parts = new ArrayList<>();
        for (String name :
                List.of("normalizer", "pre_tokenizer", "post_processor", "decoder", "added_tokens", "padding")) {
            if (!part(name).isMissingNode() && !part(name).isNull()) {
                parts.add(List.of(name));
            }
        }
        part("model").properties().forEach(option -> {
            boolean plain = option.getKey().equals("type") || option.getValue().isNull();
            if (!plain && !option.getKey().startsWith("unk_")) {
                parts.add(List.of("model", option.getKey()));
            }
        });
        return parts;
    }

    /** Writes a copy of a file without one of its {@link #parts}. */
    public static void copyWithout(List<String> part, Path from, Path to) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(from));
                JsonParser json = Json.MAPPER.createParser(in);
                JsonGenerator out = Json.MAPPER.createGenerator(Files.newOutputStream(to))) {
            List<String> path = new ArrayList<>();
            @Nullable String name = null;
            for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
                if (token == JsonToken.PROPERTY_NAME) {
                    name = json.currentName();
                    List<String> here = new ArrayList<>(path.subList(Math.min(1, path.size()), path.size()));
                    here.add(name);
                    if (here.equals(part)) {
                        boolean list = json.nextToken() == JsonToken.START_ARRAY;
                        json.skipChildren();
                        if (part.size() == 1) {
                            out.writeName(name);
                            if (list) {
                                out.writeStartArray().writeEndArray();
                            } else {
                                out.writeNull();
                            }
                        }
                        continue;
                    }
                } else if (token.isStructStart()) {
                    path.add(name == null ? "" : name);
                } else if (token.isStructEnd()) {
                    path.remove(path.size() - 1);
                }
                out.copyCurrentEvent(json);
            }
        }
    }
}
