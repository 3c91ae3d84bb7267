package dev.anneal.dataset.format;

import dev.anneal.json.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads plain text in which each line is a row. Blank lines are skipped. */
final class LineRows implements RowReader {
    private final TextReader source;
    private final BufferedReader reader;
    private long line;

    LineRows(TextReader source) {
        this.source = source;
        this.reader = new BufferedReader(source);
    }

    @Override
    public List<String> columns() {
        return List.of("text");
    }

    @Override
    public @Nullable RawRow next() throws IOException {
        for (String text = reader.readLine(); text != null; text = reader.readLine()) {
            line++;
            source.startRow(line + 1);
            if (!text.isBlank()) {
                return RawRow.of(
                        line, line, Map.of("text", Json.MAPPER.getNodeFactory().stringNode(text)));
            }
        }
        return null;
    }
}
