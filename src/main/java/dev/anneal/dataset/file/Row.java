package dev.anneal.dataset.file;

import dev.anneal.dataset.format.RawRow;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A checked row: its number from 1, its file (null if the dataset has only one), the line on which it starts, its split (null if the file has no splits), its
 * label, its content, which is what a trainer reads, and the values of all columns of the file.
 *
 * @param element the place of the row in its JSON array, from 1, if the line does not tell which row it is; otherwise 0
 */
public record Row(
        long number,
        @Nullable String file,
        long line,
        long element,
        @Nullable String split,
        @Nullable String label,
        ObjectNode content,
        Map<String, JsonNode> values) {
    /** Creates a row that its line tells. */
    public Row(
            long number,
            @Nullable String file,
            long line,
            @Nullable String split,
            @Nullable String label,
            ObjectNode content,
            Map<String, JsonNode> values) {
        this(number, file, line, 0, split, label, content, values);
    }

    /** Returns about how much memory the row takes, as a number of characters. What is in its content and in a column counts twice. */
    public long size() {
        return RawRow.size(content) + RawRow.size(values);
    }
}
