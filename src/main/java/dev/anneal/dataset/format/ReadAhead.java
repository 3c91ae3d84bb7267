package dev.anneal.dataset.format;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The rows of a file, of which the first are read ahead: they tell what the columns hold. */
public final class ReadAhead implements RowReader {
    private static final int ROWS = 100;
    private static final long CHARACTERS = 1 << 20;

    private final RowReader rows;
    private final List<RawRow> first;
    private final Deque<RawRow> ahead = new ArrayDeque<>();
    private @Nullable UnreadableRow unreadable;

    public ReadAhead(RowReader rows) throws IOException {
        this.rows = rows;
        try {
            long size = 0;
            for (int i = 0; i < ROWS && size < CHARACTERS; i++) {
                RawRow row = rows.next();
                if (row == null) {
                    break;
                }
                size += row.size();
                ahead.add(row);
            }
        } catch (UnreadableRow e) {
            unreadable = e; // after the rows before it
        }
        first = List.copyOf(ahead);
    }

    /** Returns the rows that were read ahead. */
    public List<RawRow> first() {
        return first;
    }

    @Override
    public List<String> columns() {
        return rows.columns();
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
        RawRow row = ahead.poll();
        if (row == null && unreadable != null) {
            throw unreadable;
        }
        return row != null ? row : rows.next();
    }

    @Override
    public void close() throws IOException {
        rows.close();
    }
}
