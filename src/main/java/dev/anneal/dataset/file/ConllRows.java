package dev.anneal.dataset.file;

import dev.anneal.json.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ArrayNode;

/**
 * CoNLL: a token a line, which is the first field, with its tag, the last one; fields end at tabs, else at spaces. A blank
 * line ends a sentence, which is a row. Lines of {@code -DOCSTART-}, and comments before a sentence, are skipped.
 */
final class ConllRows implements RowReader {
    private final Utf8Reader source;
    private final BufferedReader reader;
    private long line;

    ConllRows(Utf8Reader source) {
        this.source = source;
        this.reader = new BufferedReader(source);
    }

    @Override
    public List<String> columns() {
        return List.of("tokens", "tags");
    }

    @Override
    public RawRow next() throws IOException {
        ArrayNode tokens = Json.MAPPER.createArrayNode();
        ArrayNode tags = Json.MAPPER.createArrayNode();
        RawRow bad = null;
        long firstLine = 0;
        long count = 0;
        for (String text = read(); text != null; text = read()) {
            if (text.isBlank() || text.startsWith("-DOCSTART-")) {
                if (count > 0) {
                    return row(firstLine, line - 1, count, tokens, tags, bad);
                }
                continue;
            }
            String[] fields = fields(text);
            if (count == 0 && isComment(fields)) {
                continue;
            }
            firstLine = count == 0 ? line : firstLine;
            // What one row may hold is bounded, so what is beyond it is only counted.
            if (++count > RowChecker.MAX_TOKENS) {
                source.rowDone();
            } else if (bad == null) {
                bad = fault(fields);
                tokens.add(fields[0]);
                tags.add(fields.length == 1 ? "" : fields[1]);
            }
        }
        return count > 0 ? row(firstLine, line, count, tokens, tags, bad) : null;
    }

    private RawRow row(long first, long last, long count, ArrayNode tokens, ArrayNode tags, RawRow bad) {
        source.rowDone();
        if (count > RowChecker.MAX_TOKENS) {
            return RawRow.bad(
                    first,
                    last,
                    "too_many_tokens",
                    "The sentence has %,d tokens; at most %,d are taken. A blank line ends a sentence."
                            .formatted(count, RowChecker.MAX_TOKENS));
        }
        return bad != null ? bad.until(last) : RawRow.of(first, last, Map.of("tokens", tokens, "tags", tags));
    }

    private RawRow fault(String[] fields) {
        if (fields.length < 2) {
            return RawRow.bad(
                    line, line, "wrong_field_count", "The line has one field; a token and its tag are needed.");
        }
        return Tags.normal(fields[1]) == null ? RawRow.bad(line, line, "unknown_tag", Tags.unknown(fields[1])) : null;
    }

    static boolean isComment(String[] fields) {
        return fields[0].startsWith("#") && (fields.length == 1 || Tags.normal(fields[1]) == null);
    }

    /** The first field of a line and the last, or the only one; a line may be long, so what is between is not looked at. */
    static String[] fields(String line) {
        String text = line.stripTrailing();
        char separator = ' ';
        if (text.indexOf('\t') >= 0) {
            separator = '\t';
        } else {
            text = text.stripLeading();
        }
        int first = text.indexOf(separator);
        return first < 0
                ? new String[] {text}
                : new String[] {
                    text.substring(0, first).strip(),
                    text.substring(text.lastIndexOf(separator) + 1).strip()
                };
    }

    private String read() throws IOException {
        String text = reader.readLine();
        line += text == null ? 0 : 1;
        if (text != null && text.isBlank()) {
            source.rowDone();
        }
        return text;
    }
}
