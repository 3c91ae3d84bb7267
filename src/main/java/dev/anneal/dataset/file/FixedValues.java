package dev.anneal.dataset.file;

import dev.anneal.dataset.format.RawRow;
import dev.anneal.dataset.format.RowReader;
import dev.anneal.json.Json;
import dev.anneal.web.Problem;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The rows of a file with more columns, which have the same value in all rows: the label or the split that the file has as a whole. */
final class FixedValues implements RowReader {
    private final RowReader rows;
    private final Map<String, JsonNode> values = new LinkedHashMap<>();

    FixedValues(RowReader rows, String fileName, @Nullable String label, @Nullable String split) {
        this.rows = rows;
        add("label", label, fileName, "'file_labels' names a label for it");
        add("split", split, fileName, "it was sent in the field '" + split + "'");
    }

    private void add(String column, @Nullable String value, String fileName, String why) {
        if (value == null) {
            return;
        }
        if (rows.columns().contains(column)) {
            throw Problem.unprocessable(
                    column.equals("split") ? "conflicting_split" : "conflicting_roles",
                    "The file '%s' has a column '%s', but %s. Do only one of the two."
                            .formatted(Problem.quote(fileName), column, why));
        }
        values.put(column, Json.MAPPER.getNodeFactory().stringNode(value));
    }

    @Override
    public List<String> columns() {
        if (values.isEmpty() || rows.columns().isEmpty()) {
            return rows.columns();
        }
        List<String> columns = new ArrayList<>(rows.columns());
        columns.addAll(values.keySet());
        return columns;
    }

    @Override
    public boolean isComplete() {
        return rows.isComplete();
    }

    @Override
    public Map<String, Map<String, String>> labelNames() {
        return rows.labelNames();
    }

    @Override
    public @Nullable RawRow next() throws IOException {
        RawRow row = rows.next();
        return row == null || values.isEmpty() || row.fault() != null ? row : row.with(values);
    }

    @Override
    public void close() throws IOException {
        rows.close();
    }
}
