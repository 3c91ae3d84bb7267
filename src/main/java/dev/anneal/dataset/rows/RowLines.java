package dev.anneal.dataset.rows;

import dev.anneal.dataset.file.Row;
import dev.anneal.json.Json;
import dev.anneal.text.Csv;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Rows as lines of a file that can be uploaded again. The same row always gives the same bytes. */
public final class RowLines {
    private static final List<String> ROLES = List.of(
            "text",
            "text_pair",
            "prompt",
            "completion",
            "messages",
            "tokens",
            "tags",
            "label",
            "labels",
            "score",
            "group",
            "time");

    private RowLines() {}

    /** Returns a row as a line of JSON. */
    public static String json(Row row) {
        ObjectNode line = Json.MAPPER.createObjectNode();
        for (String role : ROLES) {
            if (row.content().has(role)) {
                line.set(role, row.content().get(role));
            }
        }
        row.content().path("kept").properties().forEach(column -> line.set(column.getKey(), column.getValue()));
        return line.put("split", row.split()).toString() + '\n';
    }

    /**
     * Returns the columns that a file of rows has.
     *
     * @param roles of the rows
     * @param kept the columns that are kept with them
     */
    public static List<String> columns(Set<String> roles, List<String> kept) {
        List<String> columns =
                new ArrayList<>(ROLES.stream().filter(roles::contains).toList());
        columns.addAll(kept);
        columns.add("split");
        return columns;
    }

    /** Returns the first line of a CSV file. */
    public static String header(List<String> columns) {
        return columns.stream().map(Csv::field).collect(Collectors.joining(",", "", "\r\n"));
    }

    /** Returns the value of a row in a column; null, or a JSON null, if it has none. */
    static @Nullable JsonNode value(Row row, String column) {
        JsonNode value = row.content().get(column);
        return value == null ? row.content().path("kept").get(column) : value;
    }

    /** Returns a row as a line of CSV. */
    public static String csv(Row row, List<String> columns) {
        return columns.stream()
                        .map(column -> column.equals("split") ? row.split() : cell(value(row, column)))
                        .map(Csv::field)
                        .collect(Collectors.joining(","))
                + "\r\n";
    }

    /** Returns a list as labels with bars between them, or as JSON if they could not be told apart then. */
    private static String cell(@Nullable JsonNode value) {
        if (value == null) {
            return "";
        }
        if (!value.isArray()) {
            return value.asString("");
        }
        List<String> items = value.valueStream().map(JsonNode::asString).toList();
        boolean isPlain = items.stream().noneMatch(item -> item.contains("|") || item.startsWith("["));
        return isPlain ? String.join("|", items) : value.toString();
    }
}
