package dev.anneal.dataset.check;

import dev.anneal.dataset.file.Row;
import dev.anneal.dataset.problem.RowProblems;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** Looks for columns that give the label away: few values, each with one label only. */
final class ColumnCheck {
    /** A column with more values is not looked at. */
    private static final int MAX_VALUES = 200;

    private static final int MAX_COLUMNS = 100;
    private static final int MAX_LENGTH = 200;
    /** A value must occur this often on average. Otherwise that its rows agree is no surprise. */
    private static final int LEAST_ROWS = 5;

    private final Map<String, Map<String, String>> labels = new LinkedHashMap<>();
    private final Set<String> others = new HashSet<>();
    private long rows;

    void add(Row row, String label) {
        rows++;
        for (Map.Entry<String, JsonNode> entry : row.values().entrySet()) {
            String column = entry.getKey();
            if (others.contains(column)) {
                continue;
            }
            JsonNode value = entry.getValue();
            Map<String, String> seen = labels.get(column);
            if (seen == null) {
                if (labels.size() + others.size() >= MAX_COLUMNS) {
                    continue;
                }
                seen = new HashMap<>();
                labels.put(column, seen);
            }
            String text = value.isContainer() ? "" : value.asString();
            if (value.isContainer() || text.length() > MAX_LENGTH || !agrees(seen, text, label)) {
                labels.remove(column);
                others.add(column);
            }
        }
    }

    private static boolean agrees(Map<String, String> seen, String value, String label) {
        String before = seen.putIfAbsent(value, label);
        return before == null ? seen.size() <= MAX_VALUES : before.equals(label);
    }

    /** Reports the columns. Those of the label and the split are left out. */
    void report(Map<String, String> columns, RowProblems problems) {
        // A role may have several columns, with commas between them.
        Set<String> roles = columns.values().stream()
                .flatMap(names -> Stream.concat(Stream.of(names), Stream.of(names.split(", "))))
                .collect(Collectors.toSet());
        labels.forEach((column, values) -> {
            boolean isRead = column.equals(columns.get("text")) || column.equals(columns.get("text_pair"));
            boolean isRole = roles.contains(column) && !isRead;
            boolean several = new HashSet<>(values.values()).size() > 1;
            if (!isRole && several && rows >= (long) LEAST_ROWS * values.size()) {
                problems.warn(
                        null,
                        column,
                        "column_reveals_label",
                        isRead
                                ? "Each value of this column occurs with one label only, so the label can be read from it. Train on other texts."
                                : "Each value of this column occurs with one label only. Training does not read the column. Keep it out of the texts.");
            }
        });
    }
}
