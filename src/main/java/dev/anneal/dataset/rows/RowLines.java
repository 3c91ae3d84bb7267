package dev.anneal.dataset.rows;

import dev.anneal.dataset.file.Row;
import dev.anneal.json.Json;
import dev.anneal.text.Csv;
import java.util.List;
import java.util.stream.Collectors;
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
        return line.put("split", row.split()).toString() + '\n';
    }

    /** Returns the columns that a CSV file of rows with these roles has. */
    public static List<String> columns(Iterable<String> roles) {
        List<String> given = new java.util.ArrayList<>();
        roles.forEach(given::add);
        List<String> columns =
                ROLES.stream().filter(given::contains).collect(Collectors.toCollection(java.util.ArrayList::new));
        columns.add("split");
        return columns;
    }

    /** Returns a row as a line of CSV. */
    public static String csv(Row row, List<String> columns) {
        return columns.stream()
                        .map(column -> column.equals("split")
                                ? row.split()
                                : cell(row.content().path(column)))
                        .map(Csv::field)
                        .collect(Collectors.joining(","))
                + "\r\n";
    }

    /** Returns a list as labels with bars between them, or as JSON if they could not be told apart then. */
    private static String cell(JsonNode value) {
        if (!value.isArray()) {
            return value.asString("");
        }
        List<String> items = value.valueStream().map(JsonNode::asString).toList();
        boolean isPlain = items.stream().noneMatch(item -> item.contains("|") || item.startsWith("["));
        return isPlain ? String.join("|", items) : value.toString();
    }
}
