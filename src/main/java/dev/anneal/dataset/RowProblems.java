package dev.anneal.dataset;

import java.util.ArrayList;
import java.util.List;

/** What is wrong with the rows of a file: all are counted, the first {@value #KEPT} are kept. */
final class RowProblems {
    static final int KEPT = 10_000;

    /** One bad row; the column is null where the row as a whole is meant. */
    record RowProblem(long line, String column, String code, String message) {}

    private final List<RowProblem> kept = new ArrayList<>();
    private long count;

    void add(long line, String column, String code, String message) {
        count++;
        if (kept.size() < KEPT) {
            kept.add(new RowProblem(line, column, code, message));
        }
    }

    long count() {
        return count;
    }

    List<RowProblem> kept() {
        return kept;
    }
}
