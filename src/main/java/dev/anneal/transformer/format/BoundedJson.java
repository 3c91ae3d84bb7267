package dev.anneal.transformer.format;

import dev.anneal.json.Json;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads JSON of strangers value by value and stops at a limit: a file of one megabyte can contain so many empty objects that
 * they need hundreds of megabytes as a tree.
 */
public final class BoundedJson implements AutoCloseable {
    private static final int MAX_DEPTH = 64;
    private static final long MAX_BYTES = 16 << 20;
    private static final int MAX_VALUES = 300_000;

    private final String file;
    private final JsonParser parser;
    private final int maxValues;
    private int values;
    private int treeValues;

    private BoundedJson(String file, JsonParser parser, int maxValues) {
        this.file = file;
        this.parser = parser;
        this.maxValues = maxValues;
    }

    /** Handles a field of an object; the parser is at its value, and must be at the value's end afterwards. */
    public interface Field {
        void read(String name, JsonToken first);
    }

    /** Returns a file's content as a tree. */
    static JsonNode read(Path file) throws IOException {
        try (BoundedJson json = open(file, MAX_BYTES, MAX_VALUES)) {
            JsonToken first = json.parser.nextToken();
            JsonNode tree = first == null ? Json.MAPPER.missingNode() : json.tree(first);
            json.end();
            return tree;
        }
    }

    /** Returns a JSON text as a tree; {@code file} names it in messages. */
    public static JsonNode read(String file, byte[] text) {
        try (BoundedJson json = new BoundedJson(file, Json.MAPPER.createParser(text), MAX_VALUES)) {
            JsonToken first = json.parser.nextToken();
            JsonNode tree = first == null ? Json.MAPPER.missingNode() : json.tree(first);
            json.end();
            return tree;
        }
    }

    /** Opens a file that has at most that many bytes, to read at most that many values of it. */
    public static BoundedJson open(Path file, long maxBytes, int maxValues) throws IOException {
        String name = file.getFileName().toString();
        if (Files.size(file) > maxBytes) {
            throw new ModelException(
                    name + " has " + Files.size(file) + " bytes. The limit is " + (maxBytes >> 20) + " MiB.");
        }
        InputStream in = new BufferedInputStream(Files.newInputStream(file));
        return new BoundedJson(name, Json.MAPPER.createParser(in), maxValues);
    }

    /** Reads an object field by field: the whole file, if the parser is at its start. */
    public void object(Field each) {
        if (parser.currentToken() == null) {
            parser.nextToken();
        }
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw new ModelException(file + " is not a JSON object");
        }
        count(1);
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
            each.read(name, parser.nextToken());
        }
    }

    /** Reads the items of an array, of which the parser is at the start. */
    public void array(java.util.function.Consumer<JsonToken> each) {
        count(1);
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            each.accept(token);
        }
    }

    /** Requires that nothing follows. */
    public void end() {
        if (parser.nextToken() != null) {
            throw new ModelException(file + " is not valid JSON: Text follows the end of the value");
        }
    }

    /** Returns the current value as an integer, or null if it is none or too large. */
    public @Nullable Integer integer() {
        count(1);
        boolean fits = parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                && parser.getNumberType() == JsonParser.NumberType.INT;
        return fits ? parser.getIntValue() : null;
    }

    /** Returns the current value as a text, or null if it is none. */
    public @Nullable String text() {
        count(1);
        return parser.currentToken() == JsonToken.VALUE_STRING ? parser.getString() : null;
    }

    /** Skips the current value, and counts the values in it. */
    public void skip() {
        int depth = 0;
        JsonToken token = parser.currentToken();
        while (true) {
            if (token.isStructStart()) {
                depth++;
            } else if (token.isStructEnd()) {
                depth--;
            }
            if (token != JsonToken.PROPERTY_NAME && !token.isStructEnd()) {
                count(depth);
            }
            if (depth == 0) {
                return;
            }
            token = parser.nextToken();
        }
    }

    /** Returns the current value as a tree; all trees of a file together have at most that many values. */
    public JsonNode tree(int maxTreeValues) {
        int before = values;
        JsonNode tree = tree(parser.currentToken());
        treeValues += values - before;
        if (treeValues > maxTreeValues) {
            throw tooMany(maxTreeValues);
        }
        return tree;
    }

    private JsonNode tree(JsonToken first) {
        return tree(first, 1);
    }

    private JsonNode tree(JsonToken token, int depth) {
        count(depth);
        return switch (token) {
            case START_OBJECT -> {
                ObjectNode object = Json.MAPPER.createObjectNode();
                for (String name = parser.nextName(); name != null; name = parser.nextName()) {
                    object.set(name, tree(parser.nextToken(), depth + 1));
                }
                yield object;
            }
            case START_ARRAY -> {
                ArrayNode array = Json.MAPPER.createArrayNode();
                for (JsonToken item = parser.nextToken(); item != JsonToken.END_ARRAY; item = parser.nextToken()) {
                    array.add(tree(item, depth + 1));
                }
                yield array;
            }
            case VALUE_STRING -> Json.MAPPER.getNodeFactory().stringNode(parser.getString());
            case VALUE_TRUE, VALUE_FALSE -> Json.MAPPER.getNodeFactory().booleanNode(parser.getBooleanValue());
            case VALUE_NUMBER_FLOAT -> Json.MAPPER.getNodeFactory().numberNode(parser.getDoubleValue());
            case VALUE_NUMBER_INT ->
                switch (parser.getNumberType()) {
                    case INT -> Json.MAPPER.getNodeFactory().numberNode(parser.getIntValue());
                    case LONG -> Json.MAPPER.getNodeFactory().numberNode(parser.getLongValue());
                    default -> Json.MAPPER.getNodeFactory().numberNode(parser.getBigIntegerValue());
                };
            default -> Json.MAPPER.getNodeFactory().nullNode();
        };
    }

    private void count(int depth) {
        if (depth > MAX_DEPTH) {
            throw new ModelException(file + " is nested more than " + MAX_DEPTH + " levels deep");
        }
        if (++values > maxValues) {
            throw tooMany(maxValues);
        }
    }

    private ModelException tooMany(int most) {
        return new ModelException(file + " contains more than " + most + " values");
    }

    @Override
    public void close() {
        try {
            parser.close();
        } catch (JacksonException e) {
            // nothing is lost: the file was only read
        }
    }
}
