package dev.anneal.dataset;

import dev.anneal.dataset.check.DatasetCheck;
import dev.anneal.dataset.file.DatasetParser;
import dev.anneal.dataset.file.RowProblems;
import dev.anneal.dataset.file.SplitOptions;
import dev.anneal.dataset.split.RowSplitter;
import dev.anneal.dataset.split.Splits;
import dev.anneal.local.DataDirectory;
import dev.anneal.web.Problem;
import dev.anneal.web.limit.Limits;
import java.io.IOException;
import java.sql.SQLException;
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
     */
    Taken take(String id, Source source, @Nullable SplitOptions split, UploadChecks how)
            throws IOException, SQLException {
        SplitOptions options = split == null ? SplitOptions.DEFAULT : split;
        try (DatasetCheck check = new DatasetCheck(data.own(), how.options());
                RowSplitter splitter = new RowSplitter(data.own(), options, "split")) {
            DatasetRows.Incoming incoming = rows.incoming(limits.maxRows());
            DatasetParser file;
            try {
                file = source.read(row -> {
                    incoming.add(row);
                    check.add(row);
                    if (row.split() == null) {
                        splitter.add(row);
                    }
                });
                incoming.finish();
            } finally {
                incoming.cancel();
            }
            if (file.columns().containsKey("split") && split != null) {
                throw Problem.invalid(
                        "split",
                        "conflicting_split",
                        "The file or its field of the form already gives each row's split. Omit the field 'split'.");
            }
            return keep(id, file, incoming.count(), splitter.draw(), how, check);
        }
    }

    private Taken keep(String id, DatasetParser file, long good, Splits splits, UploadChecks how, DatasetCheck check)
            throws IOException, SQLException {
        RowProblems problems = file.problems();
        DatasetRows.Before before = rows.before();
        long skipped = file.rowCount() - good;
        boolean rejected = problems.count() > 0
                && (good == 0 || !file.isComplete() || !how.errors().allows(skipped, file.rowCount()));
        DatasetRows.Summary summary = DatasetRows.Summary.NONE;
        if (good > 0) {
            summary = rows.keep(id, file.columns().keySet(), splits);
            splits.forEach((number, drawn) -> check.sides().evaluate(number));
            rejected = rejected || !validator.checkNumber(file, summary).isNothing();
            // A dataset without training rows is for evaluation only, and may have any labels.
            while (!rejected && summary.splits().train() > 0) {
                DatasetValidator.Unusable unusable = validator.check(id, file, summary, check);
                if (unusable.isNothing()) {
                    break;
                }
                long removed = unusable.isDataset() || !how.errors().skip() ? 0 : rows.remove(id, unusable);
                skipped += removed;
                rejected = removed == 0 || !how.errors().allows(skipped, file.rowCount());
                summary = rows.summary(id, file.columns().keySet());
            }
            check.report(file.columns(), !rejected, problems);
        }
        if (rejected) {
            before.restore();
            return new Taken(file, DatasetRows.Summary.NONE, 0, true);
        }
        return new Taken(file, summary, skipped, false);
    }
}
