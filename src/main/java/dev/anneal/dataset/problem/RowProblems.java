package dev.anneal.dataset.problem;

import dev.anneal.dataset.format.RawRow;
import dev.anneal.text.Cut;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The problems of a file. All are counted. The first {@value #KEPT_ERRORS} errors are kept, and the first
 * {@value #KEPT_WARNINGS} warnings of each code.
 */
public final class RowProblems {
    public static final int KEPT_ERRORS = 10_000;
    public static final int KEPT_WARNINGS = 1_000;
    private static final int MAX_MESSAGE = 1_000;

    /**
     * A problem. The file is null if the dataset has only one. The column is null if the problem concerns the whole row, the line
     * is null if it concerns the whole dataset. The row is the number of a good row that it concerns, or null.
     */
    public record RowProblem(
            @Nullable Long row,
            @Nullable String file,
            @Nullable Long line,
            @Nullable String column,
            Severity severity,
            String code,
            String message) {}

    /** The number of problems of a code. */
    public record CodeCount(String code, Severity severity, long count) {}

    private final List<RowProblem> errors = new ArrayList<>();
    private final List<RowProblem> warnings = new ArrayList<>();
    private final Map<String, Long> errorCounts = new LinkedHashMap<>();
    private final Map<String, Long> warningCounts = new LinkedHashMap<>();
    private final Map<String, Integer> files = new HashMap<>();
    private @Nullable String file;
    private @Nullable Long row;
    private long element;
    private long errorCount;
    private long warningCount;

    /** Returns the name of the file that is read, or null if there is only one. */
    @Nullable
    public String file() {
        return file;
    }

    /** Names the file of the problems that follow, or none. */
    public void in(@Nullable String name) {
        file = name == null ? null : clean(name);
    }

    /** Gives the number of the row of the problems that follow, or none. */
    public void of(@Nullable Long number) {
        row = number;
    }

    /** Gives the place in a JSON array of the row of the problems that follow, from 1; 0 if its line tells which row it is. */
    public void at(long place) {
        element = place;
    }

    /** Returns the place of the row in a JSON array, or 0. */
    public long element() {
        return element;
    }

    /** Adds the fault of a row that cannot be read, or that is skipped with a warning. */
    public void add(long line, RawRow.Fault fault) {
        if (fault.isWarning()) {
            warn(line, null, fault.code(), fault.message());
        } else {
            add(line, null, fault.code(), fault.message());
        }
    }

    /** Adds an error. */
    public void add(@Nullable Long line, @Nullable String column, String code, String message) {
        errorCount++;
        errorCounts.merge(code, 1L, Long::sum);
        if (errors.size() < KEPT_ERRORS) {
            errors.add(problem(line, column, Severity.error, code, message));
        }
    }

    /** Adds a warning. */
    public void warn(@Nullable Long line, @Nullable String column, String code, String message) {
        warningCount++;
        if (warningCounts.merge(code, 1L, Long::sum) <= KEPT_WARNINGS) {
            warnings.add(problem(line, column, Severity.warning, code, message));
        }
    }

    /** Counts errors that are not kept, because so many are already. */
    public void countErrors(String code, long count) {
        if (count > 0) {
            errorCount += count;
            errorCounts.merge(code, count, Long::sum);
        }
    }

    /** Counts warnings that are not kept, because so many of their code are already. */
    public void countWarnings(String code, long count) {
        if (count > 0) {
            warningCount += count;
            warningCounts.merge(code, count, Long::sum);
        }
    }

    /** Returns whether another warning of the code would be kept. */
    public boolean keepsWarning(String code) {
        return warningCounts.getOrDefault(code, 0L) < KEPT_WARNINGS;
    }

    private RowProblem problem(
            @Nullable Long line, @Nullable String column, Severity severity, String code, String message) {
        if (file != null) {
            files.putIfAbsent(file, files.size());
        }
        String text = element == 0 ? message : "Row " + element + ": " + message;
        return new RowProblem(row, file, line, column == null ? null : clean(column), severity, code, clean(text));
    }

    /** Shortens a text that may quote the file, and removes null characters, which Postgres does not accept. */
    private static String clean(String text) {
        return Cut.marked(text, MAX_MESSAGE).replace("\0", "");
    }

    /** Returns the number of errors. */
    public long count() {
        return errorCount;
    }

    public long warningCount() {
        return warningCount;
    }

    /** Returns the number of problems of each code: first of errors, then of warnings. */
    public List<CodeCount> codes() {
        return Stream.of(Severity.values())
                .flatMap(severity -> (severity == Severity.error ? errorCounts : warningCounts)
                        .entrySet().stream().map(entry -> new CodeCount(entry.getKey(), severity, entry.getValue())))
                .toList();
    }

    /** Returns the problems that are kept, in the order of the file. Those of the whole dataset come first. */
    public List<RowProblem> kept() {
        return Stream.concat(errors.stream(), warnings.stream())
                .sorted(Comparator.comparing((RowProblem problem) -> problem.line() != null)
                        .thenComparing(problem -> files.getOrDefault(problem.file(), -1))
                        .thenComparing(RowProblem::line, Comparator.nullsFirst(Comparator.naturalOrder())))
                .toList();
    }
}
