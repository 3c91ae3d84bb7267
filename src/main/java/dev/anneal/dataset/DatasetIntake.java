package dev.anneal.dataset;

import dev.anneal.dataset.check.DatasetCheck;
import dev.anneal.dataset.check.SearchTime;
import dev.anneal.dataset.file.DatasetParser;
import dev.anneal.dataset.file.SplitOptions;
import dev.anneal.dataset.problem.ErrorPolicy;
import dev.anneal.dataset.problem.RowProblems;
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
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Takes the rows of a dataset in: reads them, assigns their splits, checks them, and stores them. Reading may take long, so nothing
 * needs the database until the rows are stored.
 */
@Component
class DatasetIntake {
    /** The code of the warning that a dataset is only for evaluation. */
    private static final String NO_TRAINING_ROWS = "no_training_rows";

    /** Reads all rows into a sink. */
    interface Source {
        DatasetParser read(DatasetParser.Sink sink) throws IOException;
    }

    /** Stores rows in a transaction. */
    interface Store {
        void store(StagedRows rows) throws IOException, SQLException;
    }

    /** Uses rows that are read. */
    interface Use<T> {
        T of(Read rows) throws IOException, SQLException;
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

    private final DatasetValidator validator;
    private final DataDirectory data;
    private final Limits limits;

    DatasetIntake(DatasetValidator validator, DataDirectory data, Limits limits) {
        this.validator = validator;
        this.data = data;
        this.limits = limits;
    }

    /**
     * Reads rows, which are in temporary files until they were used. Must not be called in a transaction.
     *
     * @param split the split that is asked for, if any
     */
    <T> T read(Source source, @Nullable SplitOptions split, UploadChecks how, Use<T> use)
            throws IOException, SQLException {
        if (TransactionSynchronizationManager.isActualTransactionActive()) { // its connection would be idle meanwhile
            throw new IllegalStateException("rows are read in a transaction");
        }
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
            return use.of(new Read(file, rows, how, check));
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
                            "There are more rows than the server accepts",
                            "anneal.limits.max-rows",
                            limits.maxRows());
                }
                pipe.add(row);
            });
        } finally {
            pipe.finish();
        }
    }

    /** Rows that are read, have splits, and can be used or not. */
    final class Read {
        private final DatasetParser file;
        private final StagedRows staged;
        private final ErrorPolicy errors;
        private final DatasetCheck check;
        private final boolean rejected;
        private StagedRows.Summary summary;
        private long skipped;

        private Read(DatasetParser file, StagedRows staged, UploadChecks how, DatasetCheck check) throws IOException {
            this.file = file;
            this.staged = staged;
            this.errors = how.errors();
            this.check = check;
            this.summary = staged.summary();
            this.skipped = file.rowCount() - staged.count();
            this.rejected = isRejected();
        }

        private boolean isRejected() throws IOException {
            boolean bad = file.problems().count() > 0
                    && (staged.count() == 0 || !file.isComplete() || !errors.allows(skipped, file.rowCount()));
            bad = bad || !validator.checkNumber(file, summary).isNothing();
            // A dataset without training rows is for evaluation only, and may have any labels.
            while (!bad && summary.train() > 0) {
                DatasetValidator.Unusable unusable = validator.check(staged, file, summary, check);
                if (unusable.isNothing()) {
                    break;
                }
                long removed = unusable.isDataset() || !errors.skip() ? 0 : remove(unusable);
                skipped += removed;
                bad = removed == 0 || !errors.allows(skipped, file.rowCount());
                summary = staged.summary();
            }
            return bad;
        }

        private long remove(DatasetValidator.Unusable unusable) throws IOException {
            return staged.remove(unusable.rare(), false, check::leaveOut)
                    + staged.remove(unusable.untrained(), true, check::leaveOut);
        }

        boolean rejected() {
            return rejected;
        }

        /** Finds what concerns all rows together, and stores nothing. */
        Taken report(SearchTime time) throws IOException {
            Map<String, Long> counts =
                    summary.labels().stream().collect(Collectors.toMap(StagedRows.Count::name, StagedRows.Count::all));
            RowProblems problems = file.problems();
            check.report(file.columns(), !rejected, counts, time, problems);
            if (!rejected && summary.train() == 0) {
                problems.warn(
                        null,
                        null,
                        NO_TRAINING_ROWS,
                        "The dataset has no training rows, so no model can be trained on it. Name it as 'test_dataset' or 'validation_dataset' of a job, or add training rows.");
            }
            if (!rejected) {
                return new Taken(file, DatasetRows.Summary.of(summary), skipped, false);
            }
            if (errors.skip() && skipped > 0 && !errors.allows(skipped, file.rowCount())) {
                problems.in(null);
                problems.of(null);
                problems.add(null, null, "too_many_bad_rows", errors.refusal(skipped, file.rowCount()));
            }
            return new Taken(file, DatasetRows.Summary.NONE, 0, true);
        }

        /** Does the same, and has the rows stored meanwhile. They must not be rejected. */
        Taken store(Store store, SearchTime time) throws IOException, SQLException {
            AtomicReference<Taken> taken = new AtomicReference<>();
            Together.run(() -> store.store(staged), () -> taken.set(report(time)));
            return Objects.requireNonNull(taken.get());
        }
    }
}
