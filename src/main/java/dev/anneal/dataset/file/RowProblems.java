package dev.anneal.dataset.file;

import dev.anneal.dataset.format.RawRow;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The problems of the rows of a file. All are counted; the first {@value #KEPT} are kept. */
public final class RowProblems {
    static final int KEPT = 10_000;
    private static final int MAX_MESSAGE = 1_000;

    /** A problem of a row. The column is null if the problem concerns the whole row. */
    public record RowProblem(long line, @Nullable String column, String code, String message) {}

    private final List<RowProblem> kept = new ArrayList<>();
    private long count;

    /** Adds the fault of a row that cannot be read. */
    void add(long line, RawRow.Fault fault) {
        add(line, null, fault.code(), fault.message());
    }

    void add(long line, @Nullable String column, String code, String message) {
        count++;
        if (kept.size() < KEPT) {
            kept.add(new RowProblem(line, column == null ? null : clean(column), code, clean(message)));
        }
    }

    /** Shortens a text that may quote the file, and removes null characters, which Postgres does not accept. */
    private static String clean(String text) {

        String shown = text.length() > MAX_MESSAGE ? text.substring(0, MAX_MESSAGE) + "…" : text;
        return shown.replace("\0", "");
    }

    public long count() {
        return count;
    }

    public List<RowProblem> kept() {
        return kept;
    }
}
