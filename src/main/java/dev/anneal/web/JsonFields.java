package dev.anneal.web;

import dev.anneal.text.ControlCharacters;
import dev.anneal.text.Cut;
import dev.anneal.text.Suggest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads the fields of a JSON object and collects all errors, so that one answer names them all. A reader
 * returns nothing if the field is absent or not valid. {@link #done()} throws if there was any error.
 */
public final class JsonFields {
    private static final int MAX_NAME = 200;
    private static final int MAX_FIELD = 200;

    /** The errors of a body. Only the first ones are kept, because a body can have a million. */
    private static final class Errors {
        private final List<Problem.Error> first = new ArrayList<>();
        private Map<String, Object> limit = Map.of();
        private int count;
    }

    private final @Nullable JsonNode node;
    private final String path;
    private final Errors errors;
    private final Map<String, String> otherNames;
    private final Set<String> known = new LinkedHashSet<>();

    public JsonFields(JsonNode node) {
        this(node, Map.of());
    }

    /** Reads fields that other APIs know by other names. An unknown field with such a name gets the right one as a suggestion. */
    public JsonFields(JsonNode node, Map<String, String> otherNames) {
        this(node, "", new Errors(), otherNames);
    }

    private JsonFields(@Nullable JsonNode node, String path, Errors errors, Map<String, String> otherNames) {
        this.path = path;
        this.errors = errors;
        this.otherNames = otherNames;
        boolean usable = node != null && node.isObject();
        if (!usable && path.isEmpty()) {
            throw Problem.invalid(
                    "body", "invalid_type", "The body must be a JSON object, which is written in braces.");
        }
        if (!usable && node != null && !node.isNull()) {
            wrong("", "invalid_type", "must be a JSON object");
        }
        this.node = usable ? node : null;
    }

    public void wrong(String field, String code, String message) {
        errors.count++;
        if (isFull()) {
            return;
        }
        String full = field.isEmpty() ? (path.isEmpty() ? "body" : path.substring(0, path.length() - 1)) : path + field;
        String sentence = message.startsWith("must") || message.startsWith("is") || message.startsWith("may")
                ? "'" + full + "' " + message
                : message;
        String shown = Cut.marked(full, MAX_FIELD);
        errors.first.add(Problem.Error.field(shown, code, sentence.matches("(?s).*[.?]$") ? sentence : sentence + "."));
    }

    /** Adds an error for a field that exceeds a limit of the server. The answer names the first limit that is exceeded. */
    public void limit(String field, String code, String detail, String setting, long value) {
        Problem exceeded = Problem.limit(field, code, detail, setting, value);
        if (errors.limit.isEmpty()) {
            errors.limit = exceeded.properties();
        }
        wrong(field, code, exceeded.errors().get(0).message());
    }

    /** Refuses half of a surrogate pair, which UTF-8 cannot contain. Returns whether the text has none. */
    public boolean requireWhole(String field, String text) {
        if (Cut.hasHalfPair(text)) {
            wrong(
                    field,
                    "invalid_unicode",
                    "must not contain half a surrogate pair, which is not a character. Send whole characters");
            return false;
        }
        return true;
    }

    private boolean isFull() {
        return errors.first.size() >= Problem.MAX_ERRORS;
    }

    /** Returns the value unless it is absent or JSON null. */
    public @Nullable JsonNode get(String field) {
        known.add(field);
        JsonNode value = node == null ? null : node.get(field);
        return value == null || value.isNull() ? null : value;
    }

    public boolean has(String field) {
        return get(field) != null;
    }

    public @Nullable String string(String field, int maxLength) {
        JsonNode value = get(field);
        if (value == null) {
            return null;
        }
        if (!value.isString()) {
            wrong(field, "invalid_type", "must be a string");
            return null;
        }
        String text = value.stringValue();
        if (text.isBlank() || text.length() > maxLength || text.indexOf('\0') >= 0) {
            wrong(field, "invalid_value", "must have 1 to " + maxLength + " characters and no null character");
            return null;
        }
        return requireWhole(field, text) ? text : null;
    }

    /** Returns a name: a text in one line, which lists and logs can show. */
    public @Nullable String name(String field) {
        String name = string(field, MAX_NAME);
        if (name != null && !ControlCharacters.isFree(name)) {
            wrong(field, "invalid_value", "must not contain line breaks or other control characters");
            return null;
        }
        return name;
    }

    /** Returns the name, or an empty one if it is absent or not valid, because {@link #done()} throws then. */
    public String requiredName(String field) {
        if (get(field) == null) {
            wrong(field, "required", "is required");
        }
        return Objects.requireNonNullElse(name(field), "");
    }

    /** Returns the text, or an empty one if it is absent or not valid, because {@link #done()} throws then. */
    public String required(String field, int maxLength) {
        if (get(field) == null) {
            wrong(field, "required", "is required");
        }
        return Objects.requireNonNullElse(string(field, maxLength), "");
    }

    public @Nullable Integer integer(String field, int min, int max) {
        JsonNode value = get(field);
        if (value == null) {
            return null;
        }
        double number = numberOf(value);
        boolean whole = number == Math.rint(number);
        if (!whole || number < min || number > max) {
            wrong(field, whole ? "out_of_range" : "invalid_type", "must be a whole number from " + min + " to " + max);
            return null;
        }
        return (int) number;
    }

    public @Nullable Double number(String field, double min, double max) {
        JsonNode value = get(field);
        if (value == null) {
            return null;
        }
        double number = numberOf(value);
        if (!(number >= min && number <= max)) {
            wrong(
                    field,
                    value.isNumber() ? "out_of_range" : "invalid_type",
                    "must be a number from " + plain(min) + " to " + plain(max));
            return null;
        }
        return number;
    }

    public @Nullable Boolean flag(String field) {
        JsonNode value = get(field);
        if (value == null) {
            return null;
        }
        if (!value.isBoolean()) {
            wrong(field, "invalid_type", "must be true or false");
            return null;
        }
        return value.booleanValue();
    }

    /** Returns NaN if the value is not a number, and infinity if it is too large for a double. */
    private static double numberOf(JsonNode value) {
        return value.isNumber() ? value.doubleValue(Double.POSITIVE_INFINITY) : Double.NaN;
    }

    public @Nullable String choice(String field, List<String> choices) {
        String value = string(field, 200);
        if (value != null && !choices.contains(value)) {
            wrong(
                    field,
                    "unknown_" + field,
                    "'%s' is not a valid value for '%s'. Valid values: %s.%s"
                            .formatted(
                                    Problem.quote(value),
                                    path + field,
                                    String.join(", ", choices),
                                    Suggest.nearest(value, choices)));
            return null;
        }
        return value;
    }

    /** Returns an object of strings, empty if the field is absent. */
    public Map<String, String> strings(String field, int maxEntries, int maxKey, int maxValue) {
        Map<String, String> strings = new LinkedHashMap<>();
        JsonNode value = get(field);
        if (value == null) {
            return strings;
        }
        if (!value.isObject() || value.size() > maxEntries) {
            wrong(field, "invalid_value", "must be an object with at most " + maxEntries + " entries");
            return strings;
        }
        JsonFields inner = object(field);
        for (String key : value.propertyNames()) {
            if (key.length() > maxKey || key.indexOf('\0') >= 0) {
                wrong(field, "invalid_value", "must have keys of at most " + maxKey + " characters");
            } else if (requireWhole(field, key)) {
                strings.put(key, inner.required(key, maxValue));
            }
        }
        return strings;
    }

    /** Returns a list of strings without duplicates. */
    public @Nullable List<String> list(String field, int maxEntries, int maxLength) {
        JsonNode value = get(field);
        if (value == null) {
            return null;
        }
        if (!value.isArray() || value.isEmpty() || value.size() > maxEntries) {
            wrong(field, "invalid_type", "must be a list of 1 to " + maxEntries + " strings");
            return null;
        }
        Set<String> strings = new LinkedHashSet<>();
        for (JsonNode entry : value) {
            if (!entry.isString()
                    || entry.stringValue().isBlank()
                    || entry.stringValue().indexOf('\0') >= 0
                    || entry.stringValue().length() > maxLength) {
                wrong(
                        field,
                        "invalid_type",
                        "must contain strings of 1 to " + maxLength + " characters, and no null characters");
                return null;
            }
            if (!requireWhole(field, entry.stringValue())) {
                return null;
            }
            strings.add(entry.stringValue());
        }
        return List.copyOf(strings);
    }

    /** Returns the fields of an object within this one; its errors are collected with these. */
    public JsonFields object(String field) {
        return new JsonFields(get(field), path + field + ".", errors, otherNames);
    }

    /** Adds an error for every field that was not read, with a suggestion. */
    public void refuseUnknown() {
        if (node == null) {
            return;
        }
        for (String name : node.propertyNames()) {
            if (known.contains(name)) {
                continue;
            }
            if (isFull()) {
                errors.count++; // a message for each would take more memory than the body
            } else {
                String kind = path.isEmpty() ? "field" : path.substring(0, path.length() - 1);
                wrong(
                        name,
                        path.equals("hyperparameters.") ? "unknown_hyperparameter" : "unknown_field",
                        "Unknown field '%s'. Fields of %s: %s.%s"
                                .formatted(
                                        Problem.quote(path + name),
                                        path.isEmpty() ? "the body" : kind,
                                        String.join(", ", known),
                                        suggestion(name)));
            }
        }
    }

    private String suggestion(String name) {
        String other = otherNames.get(name);
        return other == null || other.equals(path + name) ? Suggest.nearest(name, known) : Suggest.name(other);
    }

    public void done() {
        if (errors.count > 0) {
            throw Problem.invalid(errors.first, errors.count, errors.limit);
        }
    }

    private static String plain(double number) {
        return number == Math.rint(number) && Math.abs(number) < 1e9
                ? String.valueOf((long) number)
                : String.valueOf(number);
    }
}
