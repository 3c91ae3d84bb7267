package dev.anneal.dataset.file;

import dev.anneal.dataset.format.FileFormat;
import dev.anneal.dataset.format.RawRow;
import dev.anneal.dataset.format.ReadAhead;
import dev.anneal.dataset.format.RowReader;
import dev.anneal.dataset.problem.RowProblems;
import dev.anneal.web.Problem;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Checks the rows of the files of a dataset, all of which must have the same task and the same columns. */
final class RowParser {
    private static final ColumnRoles.Resolved UNKNOWN =
            new ColumnRoles.Resolved(DatasetTask.TEXT_CLASSIFICATION, Map.of(), null);

    private final UploadRequest request;
    private final int maxText;
    private final RowProblems problems;
    private final DatasetParser.Sink sink;
    private ColumnRoles.@Nullable Resolved roles;
    private long number;
    private boolean complete = true;

    RowParser(UploadRequest request, int maxText, RowProblems problems, DatasetParser.Sink sink) {
        this.request = request;
        this.maxText = maxText;
        this.problems = problems;
        this.sink = sink;
    }

    /** Returns the number of rows of all files so far. */
    long number() {
        return number;
    }

    DatasetTask task() {
        return roles == null && request.task() != null ? request.task() : known().task();
    }

    Map<String, String> columns() {
        return DatasetParser.joined(known().columns());
    }

    /** Returns whether all rows of the files were read. */
    boolean isComplete() {
        return complete;
    }

    private ColumnRoles.Resolved known() {
        return roles == null ? UNKNOWN : roles;
    }

    /** Checks the rows of a file, and returns their dialect, or null if they have none. */
    @Nullable
    String parse(FileFormat format, RowReader file) throws IOException {
        ReadAhead rows = new ReadAhead(file);
        try {
            return parse(format, rows, format == FileFormat.json && haveSameLine(rows.first()));
        } finally {
            problems.at(0);
        }
    }

    /** Returns whether one of the rows begins in the line in which the one before it ends, so that a line does not tell the row. */
    private static boolean haveSameLine(List<RawRow> rows) {
        return IntStream.range(1, rows.size())
                .anyMatch(i -> rows.get(i).line() == rows.get(i - 1).lastLine());
    }

    /**
     * @param firstShareLine whether a line does not tell which of the first rows it is. If only later rows share a line, these have
     *     numbers
     */
    private @Nullable String parse(FileFormat format, ReadAhead rows, boolean firstShareLine) throws IOException {
        long before = number;
        boolean areElements = firstShareLine;
        long lastLine = 0;
        ColumnRoles.Resolved found = null;
        RowChecker checker = null;
        LateColumns late = null;
        for (RawRow raw = rows.next(); raw != null; raw = rows.next()) {
            if (raw.file() != null) {
                problems.in(raw.file());
            }
            RawRow.Fault fault = raw.fault();
            number += fault != null && fault.isWarning() ? 0 : 1;
            areElements |= format == FileFormat.json && raw.line() == lastLine;
            lastLine = raw.lastLine();
            problems.at(areElements ? number - before : 0);
            if (fault != null && (fault.isWarning() || rows.columns().isEmpty())) {
                problems.add(raw.line(), fault);
                continue;
            }
            if (checker == null || late == null) {
                found = resolve(format, rows);
                checker = new RowChecker(found.columns(), maxText, problems, format, labels(rows, found));
                late = new LateColumns(found, format, rows, request);
            }
            Row row = isLate(raw, late) ? null : checker.check(number, raw);
            if (row != null) {
                sink.add(row);
            }
        }
        complete &= rows.isComplete();
        if (number == before) {
            refuseEmpty(format, rows);
        }
        return found == null ? null : found.dialect();
    }

    /** Records a problem and returns true if a row has a key that the first rows lack, although it would have a role. */
    private boolean isLate(RawRow raw, LateColumns late) {
        String key = late.find(raw);
        if (key != null) {
            problems.add(
                    raw.line(),
                    key,
                    "late_column",
                    "The key '%s' is in this row, but not in the first rows of the file, so it would not be read. Add it to the first row, or rename it."
                            .formatted(Problem.quote(key)));
        }
        return key != null;
    }

    private void refuseEmpty(FileFormat format, ReadAhead rows) {
        if (!rows.columns().isEmpty()) {
            resolve(format, rows);
        }
        throw Problem.unprocessable(
                "no_rows",
                format.hasCells()
                        ? "The file has a header but no rows. Add at least one row."
                        : "The file has no rows. Add at least one row.");
    }

    private ColumnRoles.Resolved resolve(FileFormat format, ReadAhead rows) {
        ColumnRoles.Resolved found = ColumnRoles.resolve(format, rows.columns(), request, rows.first());
        if (roles == null) {
            roles = found;
        } else if (roles.task() != found.task() || !roles.columns().equals(found.columns())) {
            throw Problem.unprocessable(
                    "different_columns",
                    "The file has the task %s and the columns %s, but those before it have %s and %s. Name the same columns of all files in 'columns', and set 'task'."
                            .formatted(
                                    found.task().text(),
                                    text(found.columns()),
                                    roles.task().text(),
                                    text(roles.columns())));
        }
        return found;
    }

    /** Returns the columns as the command line names them: {@code text=review, label=stars}. */
    private static String text(Map<String, List<String>> columns) {
        return Problem.quote(DatasetParser.joined(columns).entrySet().stream()
                .map(column -> column.getKey() + "=" + column.getValue())
                .collect(Collectors.joining(", ")));
    }

    /** Returns the request's options, with the names of labels that the file has if the request has none. */
    private LabelOptions labels(RowReader rows, ColumnRoles.Resolved found) {
        if (!request.labels().names().isEmpty()) {
            return request.labels();
        }
        return Stream.of("label", "labels", "tags")
                .flatMap(role -> found.columns().getOrDefault(role, List.of()).stream())
                .map(rows.labelNames()::get)
                .filter(Objects::nonNull)
                .findFirst()
                .map(request.labels()::withNames)
                .orElse(request.labels());
    }
}
