package dev.anneal.dataset.format;

import dev.anneal.json.Json;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.util.JsonParserDelegate;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads one JSON array of objects, one object at a time. The names in the first objects are the columns. Reading stops at a
 * syntax error, because the objects after it cannot be found.
 */
final class JsonArray implements RowReader {
    private static final Pattern START = Pattern.compile("\\s*\\[\\s*([{\\]]|$)");
    private static final int MAX_VALUES = 500_000;
    private static final JsonMapper MAPPER = Json.STRICT
            .rebuild()
            .disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS) // the rest of the array follows
            .disable(StreamReadFeature.AUTO_CLOSE_SOURCE) // the caller reads to the end, for the checksum
            .build();

    private final TextReader source;
    private final RowParser parser;
    private final SeenColumns columns = new SeenColumns();
    private @Nullable RawRow first;
    private boolean started;
    private boolean ended;
    private boolean stopped;

    JsonArray(TextReader source) throws IOException {
        this.source = source;
        source.markCharacters();
        this.parser = new RowParser(MAPPER.createParser(source));
        this.first = read();
    }

    static boolean isJsonArray(String start) {
        return START.matcher(start).lookingAt();
    }

    @Override
    public List<String> columns() {
        return columns.names();
    }

    @Override
    public boolean isComplete() {
        return !stopped;
    }

    @Override
    public @Nullable RawRow next() throws IOException {
        RawRow row = first;
        first = null;
        return row != null ? row : read();
    }

    private @Nullable RawRow read() throws IOException {
        if (ended) {
            return null;
        }
        try {
            return parse();
        } catch (JacksonIOException e) {
            throw e.getCause(); // the row is too long, or the upload broke off
        } catch (JacksonException e) {
            long line =
                    Math.max(1, e.getLocation() == null ? 1 : e.getLocation().getLineNr());
            return lastRow(line, "The file is not valid JSON: " + Json.reason(e) + ". Reading stopped here.");
        }
    }

    private @Nullable RawRow parse() {
        if (!started) {
            started = true;
            if (parser.nextToken() != JsonToken.START_ARRAY) {
                return lastRow(line(), "The file is not a JSON array of objects.");
            }
        }
        parser.startRow();
        JsonToken token = parser.nextToken();
        source.startRow(line());
        if (token == JsonToken.END_ARRAY) {
            return parser.nextToken() == null
                    ? end()
                    : lastRow(line(), "The file continues after the end of the array.");
        }
        long line = line();
        if (token != JsonToken.START_OBJECT) {
            parser.skipChildren();
            return RawRow.bad(line, line(), "malformed_json", "The element of the array is not a JSON object.");
        }
        long start = parser.currentTokenLocation().getCharOffset();
        Map<String, JsonNode> values = JsonLines.values(parser, MAPPER, columns);
        RawRow row = RawRow.of(line, line(), values);
        return source.hasInvalidBytes(start + 1, parser.currentLocation().getCharOffset())
                ? row.withFault(DecodedRows.fault(source.encoding()))
                : row;
    }

    /** Returns the line of the last token. */
    private long line() {
        return Math.max(1, parser.currentTokenLocation().getLineNr());
    }

    private @Nullable RawRow end() {
        ended = true;
        return null;
    }

    private RawRow lastRow(long line, String message) {
        ended = true;
        stopped = true;
        return RawRow.bad(line, line, "malformed_json", message);
    }

    /** Counts the values of a row, which take many times the memory of their text. */
    private static final class RowParser extends JsonParserDelegate {
        private int values;

        RowParser(JsonParser parser) {
            super(parser);
        }

        void startRow() {
            values = 0;
        }

        @Override
        public @Nullable JsonToken nextToken() {
            count();
            return super.nextToken();
        }

        @Override
        public @Nullable String nextName() {
            count();
            return super.nextName();
        }

        private void count() {
            if (++values > MAX_VALUES) {
                throw new StreamConstraintsException(
                        "the object has more than %,d names and values".formatted(MAX_VALUES), currentLocation());
            }
        }
    }
}
