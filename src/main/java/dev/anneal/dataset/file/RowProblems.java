package dev.anneal.dataset.file;

import java.util.ArrayList;
import java.util.List;

/** What is wrong with the rows of a file: all are counted, the first {@value #KEPT} are kept. */
public final class RowProblems {
    static final int KEPT = 10_000;
    private static final int MAX_MESSAGE = 1_000;

    /** One bad row; the column is null where the row as a whole is meant. */
    public record RowProblem(long line, String column, String code, String message) {}

    private final List<RowProblem> kept = new ArrayList<>();
    private long count;

    void add(long line, String column, String code, String message) {
        count++;
        if (kept.size() < KEPT) {
            kept.add(new RowProblem(line, clean(column), code, clean(message)));
        }
    }

    /** A message may quote the file, and Postgres takes no null characters. */
    private static String clean(String text) {
        if (text == null) {
            return null;
        }
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
