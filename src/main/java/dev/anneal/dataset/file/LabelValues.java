package dev.anneal.dataset.file;

import dev.anneal.json.Json;
import dev.anneal.web.Problem;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;

/** The labels of one row, in any of the forms that files have them in. */
final class LabelValues {
    /** Reads lists with single quotation marks. */
    private static final JsonMapper PYTHON = JsonMapper.builder(JsonFactory.builder()
                    .enable(JsonReadFeature.ALLOW_SINGLE_QUOTES)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private static final String BAR = "|";
    private static final Pattern WHOLE = Pattern.compile("(\\d{1,9})\\.0+");
    private static final Map<String, Boolean> FLAGS =
            Map.of("1", true, "1.0", true, "true", true, "0", false, "0.0", false, "false", false);

    private final RowValues values;
    private final LabelOptions options;

    LabelValues(RowValues values, LabelOptions options) {
        this.values = values;
        this.options = options;
    }

    /** Returns whether labels or tags that are numbers have names. */
    boolean haveNames() {
        return !options.names().isEmpty();
    }

    /** Returns the label: its part before some text if only that counts, and its name if it is a number with a name. */
    @Nullable
    String label(int max) {
        String given = values.text("label", max);
        if (given == null) {
            return null;
        }
        String until = options.until();
        String value = until == null ? given : within(given, until);
        int end = until == null ? -1 : value.indexOf(until);
        String label = (end < 0 ? value : value.substring(0, end)).strip();
        if (label.isEmpty()) {
            values.bad("label", "empty_label", "The label is empty before '" + Problem.quote(until) + "'.");
            return null;
        }
        return named("label", label);
    }

    /**
     * Returns the part of a value that may have a mark in it: if white space is the mark, all but the white space around the value. Else
     * it also has, at its end, the white space that ends the mark and that the value may have lost.
     */
    private static String within(String value, String mark) {
        return mark.isBlank()
                ? value.strip()
                : value + mark.substring(mark.stripTrailing().length());
    }

    /** Returns the name of a label or tag if it is a number with a name. A label without a name is a problem if others have one. */
    @Nullable
    String named(String role, String value) {
        Map<String, String> names = options.names();
        if (names.isEmpty() || !options.areNumbers() && names.containsValue(value)) {
            return value;
        }
        Matcher whole = WHOLE.matcher(value);
        String name = names.get(whole.matches() ? whole.group(1) : value);
        if (name == null) {
            values.bad(
                    role,
                    "unknown_label",
                    "'%s' has no name in 'label_names'. Add one, or correct the row.".formatted(Problem.quote(value)));
        }
        return name;
    }

    /**
     * Returns any number of different labels: a list, a text that is a JSON list, the columns that hold 1, or labels that the separator
     * of the request separates, or in a cell '|'.
     */
    ArrayNode labels(int max, boolean cells) {
        List<String> columns = values.columns("labels");
        if (columns.size() > 1) {
            return flagged(columns);
        }
        JsonNode value = values.get("labels");
        ArrayNode given = Json.MAPPER.createArrayNode();
        if (value instanceof ArrayNode list) {
            given = list;
        } else if (cells || value != null && value.isString() && isCell(value.asString())) {
            given = cell(value == null ? "" : value.asString());
        } else if (value == null) {
            values.bad("labels", "empty_labels", "The row has no labels. Use an empty list if no label applies.");
        } else {
            values.bad(
                    "labels",
                    "invalid_type",
                    "The value is not a list of labels. Write one such as [\"sport\", \"news\"]"
                            + (value.isString() ? ", or set 'label_separator'." : "."));
        }
        return labels(given, max);
    }

    /** Returns the names of the columns that hold 1 or true. */
    private ArrayNode flagged(List<String> columns) {
        ArrayNode labels = Json.MAPPER.createArrayNode();
        for (String column : columns) {
            JsonNode value = values.value(column);
            String text = value == null ? "" : flag(value);
            Boolean flag = FLAGS.get(text.toLowerCase(Locale.ROOT));
            if (flag == null) {
                values.badColumn(
                        column,
                        "invalid_flag",
                        "The value of '%s' is '%s'. A column of a label holds 1 for rows with the label and 0 for others."
                                .formatted(Problem.quote(column), Problem.quote(text)));
            } else if (flag) {
                labels.add(column);
            }
        }
        return labels;
    }

    /** Returns the text of a flag. A number has one, whatever its form in the file is. */
    private static String flag(JsonNode value) {
        return value.isFloatingPointNumber()
                ? Double.toString(value.doubleValue())
                : value.asString("").strip();
    }

    /** Returns whether a text that is not in a cell holds labels, too. */
    private boolean isCell(String text) {
        return options.separator() != null || list(text.strip()) != null;
    }

    private ArrayNode cell(String value) {
        ArrayNode labels = list(value.strip());
        if (labels == null) {
            labels = Json.MAPPER.createArrayNode();
            String separator = options.separator() == null ? BAR : options.separator();
            String cell = within(value, separator);
            for (String label : cell.isBlank() ? new String[0] : cell.split(Pattern.quote(separator), -1)) {
                labels.add(label);
            }
        }
        return labels;
    }

    /** Returns the JSON list, or the list as Python writes it, that a cell holds; null if it holds none. */
    static @Nullable ArrayNode list(String cell) {
        if (!cell.startsWith("[") || !cell.endsWith("]")) {
            return null;
        }
        for (JsonMapper mapper : List.of(Json.STRICT, PYTHON)) {
            try {
                if (mapper.readTree(cell) instanceof ArrayNode list) {
                    return list;
                }
            } catch (JacksonException notAList) {
                // a label in brackets
            }
        }
        return null;
    }

    private ArrayNode labels(ArrayNode given, int max) {
        ArrayNode labels = Json.MAPPER.createArrayNode();
        Set<String> seen = new HashSet<>();
        for (JsonNode item : given) {
            if (!item.isString() && (!haveNames() || !item.isIntegralNumber())) {
                values.bad("labels", "invalid_type", notAString("A label in the list", item));
                break;
            }
            String label = item.asString().strip();
            if (label.isEmpty()) {
                values.bad("labels", "empty_label", "A label in the list is empty.");
                break;
            }
            if (!values.checkCharacters("labels", "label", label, max)) {
                break;
            }
            String name = named("labels", label);
            if (name == null) {
                break;
            }
            if (!seen.add(name)) {
                values.bad("labels", "duplicate_label", "The row has the label '" + Problem.quote(name) + "' twice.");
                break;
            }
            labels.add(name);
        }
        return labels;
    }

    static String notAString(String what, JsonNode item) {
        return what
                + (item.isIntegralNumber()
                        ? " is a number. Give the names of the numbers in 'label_names'."
                        : " is not a string.");
    }
}
