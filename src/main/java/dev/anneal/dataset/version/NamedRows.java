package dev.anneal.dataset.version;

import dev.anneal.dataset.file.Row;
import dev.anneal.web.Problem;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Removes rows that are named by their numbers, or gives each a new label. All of them must be there. */
final class NamedRows implements Step.Edit {
    /** The new label of each row, null if it is removed. */
    private final Map<Long, @Nullable String> changes;

    private final String field;
    /** The number of the last pass in which a row was seen. */
    private final Map<Long, Integer> seen = new HashMap<>();

    private int pass = 1;

    NamedRows(Map<Long, @Nullable String> changes, String field) {
        this.changes = changes;
        this.field = field;
    }

    @Override
    public @Nullable Row apply(Row row) {
        if (!changes.containsKey(row.number())) {
            return row;
        }
        seen.put(row.number(), pass);
        String label = changes.get(row.number());
        if (label == null) {
            return null;
        }
        if (!row.content().has("label")) {
            throw Problem.invalid(
                    field,
                    "not_of_task",
                    "The rows do not have one label each, so no row can get a new one. Remove the step 'relabel'.");
        }
        return RowEdits.labels(row, old -> label);
    }

    /** Refuses numbers of rows that were not there. */
    @Override
    public void addMore(long last, RowSource.Visitor visitor) {
        long[] missing = changes.keySet().stream()
                .mapToLong(Long::longValue)
                .filter(number -> seen.getOrDefault(number, 0) != pass)
                .sorted()
                .toArray();
        pass++;
        if (missing.length > 0) {
            throw Problem.invalid(
                    field,
                    "unknown_row",
                    "There is no row with the number %d%s when this step begins. Remove it from the step."
                            .formatted(
                                    missing[0],
                                    missing.length == 1 ? "" : ", nor %,d others".formatted(missing.length - 1)));
        }
    }
}
