package dev.anneal.dataset.version;

import dev.anneal.dataset.file.Row;
import java.io.IOException;

/** Adds the rows of another dataset at the end. */
record Append(RowSource rows) implements Step {
    @Override
    public Row apply(Row row) {
        return row;
    }

    @Override
    public void addMore(long last, RowSource.Visitor visitor) throws IOException {
        rows.forEach(row -> visitor.visit(new Row(
                last + row.number(), row.file(), row.line(), row.split(), row.label(), row.content(), row.values())));
    }
}
