package dev.anneal.dataset.file;

import dev.anneal.dataset.format.RawRow;
import dev.anneal.dataset.format.RowReader;
import dev.anneal.dataset.format.Tags;
import dev.anneal.dataset.problem.RowProblems;
import dev.anneal.json.Json;
import dev.anneal.text.Cut;
import dev.anneal.web.Problem;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The values of one row by role. Reading a bad value records a problem; its result must then not be used. */
final class RowValues {
    private static final Pattern NUMBER = Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");

    private final RawRow raw;
    private final Map<String, List<String>> roles;
    private final RowProblems problems;

    RowValues(RawRow raw, Map<String, List<String>> roles, RowProblems problems) {
        this.raw = raw;
        this.roles = roles;
        this.problems = problems;
    }

    void bad(String role, String code, String message) {
        problems.add(raw.line(), column(role), code, message);
    }

    private @Nullable String column(String role) {
        List<String> columns = roles.get(role);
        return columns == null ? null : String.join(", ", columns);
    }

    /** Records a problem of a column. */
    void badColumn(String column, String code, String message) {
        problems.add(raw.line(), column, code, message);
    }

    List<String> columns(String role) {
        return roles.getOrDefault(role, List.of());
    }

    /** Returns the value of a column, or null if the row has none. */
    @Nullable
    JsonNode value(String column) {
        return raw.values().get(column);
    }

    /** Returns the value, or null if the row has none. */
    @Nullable
    JsonNode get(String role) {
        List<String> columns = roles.get(role);
        return columns == null ? null : raw.values().get(columns.get(0));
    }

    /** Returns a text, or a number or boolean as text. The texts of several columns are joined by a blank line. */
    @Nullable
    String text(String role, int max) {
        List<String> columns = roles.getOrDefault(role, List.of());
        String value = columns.size() == 1 ? text(role, raw.values().get(columns.get(0))) : joined(role, columns);
        if (value == null) {
            return null;
        }
        if (value.isBlank()) {
            bad(role, "empty_" + role, "The row has no " + role + ".");
            return null;
        }
        return checkCharacters(role, role, value, max) ? value : null;
    }

    /** Returns the values of the columns that are kept with the rows, as text; null for each that the row does not have. */
    ObjectNode kept(int max) {
        ObjectNode kept = Json.MAPPER.createObjectNode();
        for (String column : columns("kept")) {
            JsonNode value = value(column);
            boolean isGiven =
                    value != null && (value.isContainer() || !value.asString("").isBlank());
            RowValues own = new RowValues(raw, Map.of("kept", List.of(column)), problems);
            String text = isGiven ? own.text("kept", max) : null;
            kept.put(column, text == null ? null : text.strip());
        }
        return kept;
    }

    private @Nullable String joined(String role, List<String> columns) {
        StringJoiner texts = new StringJoiner("\n\n");
        for (String column : columns) {
            String text = text(role, raw.values().get(column));
            if (text == null) {
                return null;
            }
            if (!text.isBlank()) {
                texts.add(text);
            }
        }
        return texts.toString();
    }

    /** Returns the text of a value, empty if there is none, or records a problem and returns null. */
    private @Nullable String text(String role, @Nullable JsonNode node) {
        if (node != null && node.isContainer()) {
            bad(role, "invalid_type", "The value is a list or an object. Use text.");
            return null;
        }
        if (node != null && node.isBinary()) {
            bad(role, "invalid_utf8", "The value contains bytes that are not UTF-8. Write the file again as UTF-8.");
            return null;
        }
        if (node != null
                && node.isFloatingPointNumber()
                && Double.isInfinite(node.doubleValue(Double.POSITIVE_INFINITY))) {
            bad(role, "invalid_number", "The number is too large. Write text in double quotes.");
            return null;
        }
        return node == null ? "" : node.asString("");
    }

    /** Returns whether the text can be stored: Postgres does not accept null characters, nor UTF-8 half a surrogate pair. */
    boolean checkCharacters(String role, String what, String value, int max) {
        if (value.indexOf('\0') >= 0) {
            bad(role, "null_byte", "The " + what + " contains a null byte. Remove it.");
        } else if (value.length() > max) {
            bad(
                    role,
                    what.replace(' ', '_') + "_too_long",
                    "The %s has %,d characters, which is more than %,d.".formatted(what, value.length(), max));
        } else if (Cut.hasHalfPair(value)) {
            bad(role, "invalid_unicode", "The " + what + " contains half a surrogate pair, which is not a character.");
        } else {
            return true;
        }
        return false;
    }

    /** Returns a number that is finite in single precision, which the trainer uses. */
    @Nullable
    Double number(String role, int max) {
        JsonNode given = get(role);
        if (given != null && given.isFloatingPointNumber()) { // its text may be long
            return finite(role, given.asString(), given.doubleValue(Double.POSITIVE_INFINITY));
        }
        String text = text(role, max);
        if (text == null || text.length() > max) {
            return null;
        }
        if (!NUMBER.matcher(text.strip()).matches()) {
            bad(
                    role,
                    "invalid_number",
                    "'" + Problem.quote(text) + "' is not a number. Write numbers like 3 or -0.25.");
            return null;
        }
        return finite(role, text, Double.parseDouble(text.strip()));
    }

    private double finite(String role, String text, double number) {
        if (!(Math.abs(number) <= Float.MAX_VALUE)) {
            bad(role, "invalid_number", "'" + Problem.quote(text) + "' is too large. Scale the scores down.");
        }
        return number;
    }

    /** Returns a list of strings that are neither blank nor too long, or records a problem and returns null. */
    @Nullable
    ArrayNode strings(String role, int max) {
        return strings(role, max, null);
    }

    private @Nullable ArrayNode strings(String role, int max, @Nullable LabelValues labels) {
        JsonNode value = get(role);
        if (value == null || value.isArray() && value.isEmpty()) {
            bad(role, "empty_" + role, "The row has no " + role + ".");
            return null;
        }
        if (!(value instanceof ArrayNode list)) {
            bad(role, "invalid_type", "The value is not a list of strings.");
            return null;
        }
        String one = role.substring(0, role.length() - 1);
        if (list.size() > RowReader.MAX_TOKENS) {
            bad(
                    role,
                    "too_many_tokens",
                    "The row has %,d %s, which is more than %,d.".formatted(list.size(), role, RowReader.MAX_TOKENS));
            return null;
        }
        boolean haveNames = labels != null && labels.haveNames();
        ArrayNode strings = haveNames ? Json.MAPPER.createArrayNode() : list;
        for (int i = 0; i < list.size(); i++) {
            JsonNode item = list.get(i);
            if (labels != null && haveNames && (item.isString() || item.isIntegralNumber())) {
                String name = labels.named(role, item.asString());
                if (name == null) {
                    return null;
                }
                strings.add(name);
                continue;
            }
            if (!item.isString()) {
                String what = "The value of %s %d".formatted(one, i + 1);
                bad(
                        role,
                        "invalid_type",
                        labels == null ? what + " is not a string." : LabelValues.notAString(what, item));
                return null;
            }
            if (item.stringValue().isBlank()) {
                bad(role, "empty_" + one, "The value of %s %d is empty.".formatted(one, i + 1));
                return null;
            }
            if (!checkCharacters(role, one, item.stringValue(), max)) {
                return null;
            }
        }
        return strings;
    }

    /** Returns the normalized tags, of which there must be as many as tokens. */
    ArrayNode tags(int max, int tokens, LabelValues labels) {
        ArrayNode given = strings("tags", max, labels);
        ArrayNode tags = Json.MAPPER.createArrayNode();
        if (given == null) {
            return tags;
        }
        if (tokens > 0 && given.size() != tokens) {
            bad("tags", "length_mismatch", "The row has %,d tokens but %,d tags.".formatted(tokens, given.size()));
        }
        for (JsonNode item : given) {
            String tag = Tags.normalize(item.stringValue());
            if (tag == null) {
                bad("tags", "unknown_tag", Tags.unknownTag(item.stringValue()));
                break;
            }
            tags.add(tag);
        }
        return tags;
    }
}
