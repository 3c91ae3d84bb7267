package dev.anneal.dataset;

import dev.anneal.dataset.check.DatasetCheck;
import dev.anneal.dataset.check.SearchTime;
import dev.anneal.dataset.file.DatasetParser;
import dev.anneal.dataset.file.RowProblems;
import dev.anneal.dataset.file.SplitOptions;
import dev.anneal.dataset.split.RowSplitter;
import dev.anneal.dataset.split.Splits;
import dev.anneal.dataset.staged.RowPipe;
import dev.anneal.dataset.staged.StagedRows;
import dev.anneal.dataset.staged.Together;
import dev.anneal.local.DataDirectory;
import dev.anneal.web.Problem;
import dev.anneal.web.limit.Limits;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Takes the rows of a dataset in: stores them, assigns their splits, and checks them. Must be called in a transaction. */
@Component
class DatasetIntake {
    /** Reads all rows into a sink. */
    interface Source {
        DatasetParser read(DatasetParser.Sink sink) throws IOException;
    }

    /**
     * The result.
     *
     * @param summary the rows that are stored. There are none if they are rejected
     * @param skipped the number of bad rows that were set aside
     */
    record Taken(DatasetParser file, DatasetRows.Summary summary, long skipped, boolean rejected) {
        Dataset.Status status() {
            return rejected ? Dataset.Status.rejected : Dataset.Status.ready;
        }
    }

    private final DatasetRows rows;
    private final DatasetValidator validator;
    private final DataDirectory data;
    private final Limits limits;

    DatasetIntake(DatasetRows rows, DatasetValidator validator, DataDirectory data, Limits limits) {
        this.rows = rows;
        this.validator = validator;
        this.data = data;
        this.limits = limits;
    }

    /**
     * Takes the rows of a dataset in.
     *
     * @param split the split that is asked for, if any
     * @param time that the search for near duplicates may take
     */
    Taken take(String id, Source source, @Nullable SplitOptions split, UploadChecks how, SearchTime time)
            throws IOException, SQLException {
        return read(id, source, split, how, time);
    }

    /** Returns what {@link #take} would, and stores nothing. */
    Taken check(Source source, @Nullable SplitOptions split, UploadChecks how, SearchTime time)
            throws IOException, SQLException {
        return read(null, source, split, how, time);
    }

    private Taken read(
            @Nullable String id, Source source, @Nullable SplitOptions split, UploadChecks how, SearchTime time)
            throws IOException, SQLException {
        SplitOptions options = split == null ? SplitOptions.DEFAULT : split;
        Path directory = data.own();
        try (DatasetCheck check = new DatasetCheck(directory, how.options());
                RowSplitter splitter = new RowSplitter(directory, options, "split");
                StagedRows rows = new StagedRows(directory, DatasetValidator.MAX_LABELS)) {
            DatasetParser file = read(source, row -> {
                rows.add(row);
                check.add(row);
                if (row.split() == null) {
                    splitter.add(row);
                }
            });
            if (file.columns().containsKey("split") && split != null) {
                throw Problem.invalid(
                        "split",
                        "conflicting_split",
                        "The file or its field of the form already gives each row's split. Omit the field 'split'.");
            }
            Splits splits = splitter.draw();
            rows.draw(splits);
            splits.forEach((number, drawn) -> check.sides().evaluate(number));
            return keep(id, file, rows, how, check, time);
        }
    }

    /** Reads the rows. They are checked in another thread meanwhile. */
    private DatasetParser read(Source source, DatasetParser.Sink sink) throws IOException {
        long[] count = {0};
        RowPipe pipe = new RowPipe(sink);
        try {
            return source.read(row -> {
                if (++count[0] > limits.maxRows() && limits.maxRows() > 0) {
                    throw Problem.limit(
                            "too_many_rows",
                            "The file has more rows than the server accepts",
                            "anneal.limits.max-rows",
                            limits.maxRows());
                }
                pipe.add(row);
            });
        } finally {
            pipe.finish();
        }
    }

    private Taken keep(
            @Nullable String id,
            DatasetParser file,
            StagedRows staged,
            UploadChecks how,
            DatasetCheck check,
            SearchTime time)
            throws IOException, SQLException {
        RowProblems problems = file.problems();
        long good = staged.count();
        long skipped = file.rowCount() - good;
        boolean rejected = problems.count() > 0
                && (good == 0 || !file.isComplete() || !how.errors().allows(skipped, file.rowCount()));
        StagedRows.Summary summary = staged.summary();
        rejected = rejected || !validator.checkNumber(file, summary).isNothing();
        // A dataset without training rows is for evaluation only, and may have any labels.
        while (!rejected && summary.train() > 0) {
            DatasetValidator.Unusable unusable = validator.check(staged, file, summary, check);
            if (unusable.isNothing()) {
                break;
            }
            long removed = unusable.isDataset() || !how.errors().skip() ? 0 : remove(staged, unusable, check);
            skipped += removed;
            rejected = removed == 0 || !how.errors().allows(skipped, file.rowCount());
            summary = staged.summary();
        }
        boolean isComplete = !rejected;
        Map<String, Long> counts =
                summary.labels().stream().collect(Collectors.toMap(StagedRows.Count::name, StagedRows.Count::all));
        Together.Work report = () -> check.report(file.columns(), isComplete, counts, time, problems);
        if (rejected || id == null) {
            report.run();
        } else {
            Together.run(() -> rows.store(id, staged), report);
        }
        if (rejected && how.errors().skip() && skipped > 0 && !how.errors().allows(skipped, file.rowCount())) {
            problems.in(null);
            problems.of(null);
            problems.add(null, null, "too_many_bad_rows", how.errors().refusal(skipped, file.rowCount()));
        }
        return rejected
                ? new Taken(file, DatasetRows.Summary.NONE, 0, true)
                : new Taken(file, DatasetRows.Summary.of(summary), skipped, false);
    }

    private static long remove(StagedRows staged, DatasetValidator.Unusable unusable, DatasetCheck check)
            throws IOException {
        return staged.remove(unusable.rare(), false, check::leaveOut)
                + staged.remove(unusable.untrained(), true, check::leaveOut);
    }
}
