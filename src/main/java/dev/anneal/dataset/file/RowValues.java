package dev.anneal.dataset.file;

import dev.anneal.dataset.format.RawRow;
import dev.anneal.dataset.format.RowReader;
import dev.anneal.dataset.format.Tags;
import dev.anneal.json.Json;
import dev.anneal.web.Problem;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/** The values of one row by role. Reading a bad value records a problem; its result must then not be used. */
final class RowValues {
    private static final Pattern NUMBER = Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");

    private final RawRow raw;
    private final Map<String, String> roles;
    private final RowProblems problems;

    RowValues(RawRow raw, Map<String, String> roles, RowProblems problems) {
        this.raw = raw;
        this.roles = roles;
        this.problems = problems;
    }

    void bad(String role, String code, String message) {
        problems.add(raw.line(), roles.get(role), code, message);
    }

    /** Returns the value, or null if the row has none. */
    @Nullable
    JsonNode get(String role) {
        return raw.values().get(roles.get(role));
    }

    /** Returns a text, or a number or boolean as text. */
    @Nullable
    String text(String role, int max) {
        JsonNode node = get(role);
        if (node != null && node.isContainer()) {
            bad(role, "invalid_type", "The value is a list or an object. Use text.");
            return null;
        }
        if (node != null
                && node.isFloatingPointNumber()
                && Double.isInfinite(node.doubleValue(Double.POSITIVE_INFINITY))) {
            bad(role, "invalid_number", "The number is too large. Write text in double quotes.");
            return null;
        }
        String value = node == null ? null : node.asString();
        if (value == null || value.isBlank()) {
            bad(role, "empty_" + role, "The row has no " + role + ".");
            return null;
        }
        checkCharacters(role, role, value, max);
        return value;
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
        } else if (value.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
            bad(role, "invalid_unicode", "The " + what + " contains half a surrogate pair, which is not a character.");
        } else {
            return true;
        }
        return false;
    }

    /** Returns a number that is finite in single precision, which the trainer uses. */
    @Nullable
    Double number(String role, int max) {
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
        double number = Double.parseDouble(text.strip());
        if (Math.abs(number) > Float.MAX_VALUE) {
            bad(role, "invalid_number", "'" + Problem.quote(text) + "' is too large. Scale the scores down.");
        }
        return number;
    }

    /** Returns any number of different labels: a list, or in CSV and TSV a cell in which '|' separates them. */
    ArrayNode labels(int max, boolean delimited) {
        JsonNode value = get("labels");
        ArrayNode given = Json.MAPPER.createArrayNode();
        if (delimited) {
            String cell = value == null ? "" : value.asString();
            if (!cell.isBlank()) {
                for (String label : cell.split("\\|", -1)) {
                    given.add(label);
                }
            }
        } else if (value == null) {
            bad("labels", "empty_labels", "The row has no labels. Use an empty list if no label applies.");
        } else if (value instanceof ArrayNode list) {
            given = list;
        } else {
            bad("labels", "invalid_type", "The value is not a list of labels.");
        }
        return labels(given, max);
    }

    private ArrayNode labels(ArrayNode given, int max) {
        ArrayNode labels = Json.MAPPER.createArrayNode();
        Set<String> seen = new HashSet<>();
        for (JsonNode item : given) {
            if (!item.isString()) {
                bad("labels", "invalid_type", "A label in the list is not a string.");
                break;
            }
            String label = item.stringValue().strip();
            if (label.isEmpty()) {
                bad("labels", "empty_label", "A label in the list is empty.");
                break;
            }
            if (!checkCharacters("labels", "label", label, max)) {
                break;
            }
            if (!seen.add(label)) {
                bad("labels", "duplicate_label", "The row has the label '" + Problem.quote(label) + "' twice.");
                break;
            }
            labels.add(label);
        }
        return labels;
    }

    /** Returns a list of strings that are neither blank nor too long, or records a problem and returns null. */
    @Nullable
    ArrayNode strings(String role, int max) {
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
        for (int i = 0; i < list.size(); i++) {
            JsonNode item = list.get(i);
            if (!item.isString()) {
                bad(role, "invalid_type", "The value of %s %d is not a string.".formatted(one, i + 1));
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
        return list;
    }

    /** Returns the normalized tags, of which there must be as many as tokens. */
    ArrayNode tags(int max, int tokens) {
        ArrayNode given = strings("tags", max);
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
