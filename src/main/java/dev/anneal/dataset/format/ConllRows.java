package dev.anneal.dataset.format;

import dev.anneal.json.Json;
import dev.anneal.web.Problem;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;

/**
 * Reads CoNLL: a token on each line, which is the first field, and its tag, which is the last one. Fields are separated by
 * tabs, or else by spaces. A blank line ends a sentence, which is a row. Lines of {@code -DOCSTART-}, and comments before a
 * sentence, are skipped.
 */
final class ConllRows implements RowReader {
    /** A sentence with fewer tokens does not tell whether its numbers count them. */
    private static final int COUNTED = 3;

    private final TextReader source;
    private final BufferedReader reader;
    private long line;
    private boolean isCountChecked;

    ConllRows(TextReader source) {
        this.source = source;
        this.reader = new BufferedReader(source);
    }

    /** Returns whether each line of a file's beginning ends in a tag. */
    static boolean isConll(String start) {
        List<String[]> lines = start.lines()
                .filter(line -> !line.isBlank() && !line.startsWith("-DOCSTART-"))
                .map(ConllRows::fields)
                .filter(fields -> !isComment(fields))
                .toList();
        return !lines.isEmpty()
                && lines.stream().allMatch(fields -> fields.length > 1 && Tags.normalize(fields[1]) != null);
    }

    @Override
    public List<String> columns() {
        return List.of("tokens", "tags");
    }

    @Override
    public @Nullable RawRow next() throws IOException {
        ArrayNode tokens = Json.MAPPER.createArrayNode();
        ArrayNode tags = Json.MAPPER.createArrayNode();
        @Nullable RawRow bad = null;
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
            // The size of a row is limited, so tokens beyond the limit are only counted.
            if (++count > MAX_TOKENS) {
                source.startRow(line + 1);
            } else if (bad == null) {
                bad = fault(fields);
                tokens.add(fields[0]);
                tags.add(fields.length == 1 ? "" : fields[1]);
            }
        }
        return count > 0 ? row(firstLine, line, count, tokens, tags, bad) : null;
    }

    private RawRow row(long first, long last, long count, ArrayNode tokens, ArrayNode tags, @Nullable RawRow bad) {
        source.startRow(line + 1);
        if (count > MAX_TOKENS) {
            return RawRow.bad(
                    first,
                    last,
                    "too_many_tokens",
                    "The sentence has %,d tokens, which is more than %,d. Separate sentences by a blank line."
                            .formatted(count, MAX_TOKENS));
        }
        refuseCounts(tokens);
        return bad != null ? bad.endingAt(last) : RawRow.of(first, last, Map.of("tokens", tokens, "tags", tags));
    }

    /** Refuses a file in which numbers that count the tokens come before them: these would be learned as the tokens. */
    private void refuseCounts(ArrayNode tokens) {
        if (isCountChecked || tokens.size() < COUNTED) {
            return;
        }
        isCountChecked = true;
        for (int i = 0; i < tokens.size(); i++) {
            if (!tokens.get(i).asString().equals(String.valueOf(i + 1))) {
                return;
            }
        }
        throw Problem.unprocessable(
                "numbered_tokens",
                "The first field of each line counts the tokens, but it must be the token. Remove it, for example with 'cut -f 2-' if tabs separate the fields.");
    }

    private @Nullable RawRow fault(String[] fields) {
        if (fields.length < 2) {
            return RawRow.bad(
                    line, line, "wrong_field_count", "The line has only one field. It needs a token and a tag.");
        }
        return Tags.normalize(fields[1]) == null
                ? RawRow.bad(line, line, "unknown_tag", Tags.unknownTag(fields[1]))
                : null;
    }

    private static boolean isComment(String[] fields) {
        return fields[0].startsWith("#") && (fields.length == 1 || Tags.normalize(fields[1]) == null);
    }

    /** Returns the first and the last field of a line, or the only one. Skips what is between, because a line may be long. */
    private static String[] fields(String line) {
        String text = line.stripTrailing();
        char separator = text.indexOf('\t') >= 0 ? '\t' : ' ';
        int start = separator == ' ' ? afterSpaces(text) : 0;
        int first = text.indexOf(separator, start);
        return first < 0
                ? new String[] {text.substring(start)}
                : new String[] {
                    token(text.substring(start, first)),
                    text.substring(text.lastIndexOf(separator) + 1).strip()
                };
    }

    /** Returns a token without the spaces around it. Other white space is a part of it. */
    private static String token(String field) {
        int end = field.length();
        while (end > 0 && field.charAt(end - 1) == ' ') {
            end--;
        }
        return field.substring(Math.min(end, afterSpaces(field)), end);
    }

    private static int afterSpaces(String text) {
        int i = 0;
        while (i < text.length() && text.charAt(i) == ' ') {
            i++;
        }
        return i;
    }

    private @Nullable String read() throws IOException {
        String text = reader.readLine();
        line += text == null ? 0 : 1;
        if (text != null && text.isBlank()) {
            source.startRow(line + 1);
        }
        return text;
    }
}
