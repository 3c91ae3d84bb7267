package dev.anneal.dataset;

import dev.anneal.dataset.check.SearchTime;
import dev.anneal.dataset.validation.Validation;
import dev.anneal.dataset.version.Change;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** Stores the rows of a dataset and the result of its validation, in two transactions: the search between them may take long. */
@Component
class DatasetResult {
    /** Does what else belongs to the transaction of the result. Returns what the steps changed, if the dataset is a version. */
    interface Also {
        List<Change> with(DatasetIntake.Taken taken);
    }

    private final DatasetTransitions transitions;
    private final DatasetRows rows;
    private final StoredRows stored;
    private final TransactionTemplate transactions;

    DatasetResult(
            DatasetTransitions transitions, DatasetRows rows, StoredRows stored, TransactionTemplate transactions) {
        this.transitions = transitions;
        this.rows = rows;
        this.stored = stored;
        this.transactions = transactions;
    }

    /** Stores rows that can be used. The search for near duplicates runs meanwhile. Then stores the result. */
    DatasetIntake.Taken store(Validation validation, DatasetIntake.Read read, SearchTime time, Also also)
            throws IOException, SQLException {
        DatasetIntake.Taken taken = read.store(staged -> stored.store(validation, staged), time);
        finish(validation, taken, also);
        return taken;
    }

    /** Stores the problems of a dataset that is rejected. */
    void reject(Validation validation, DatasetIntake.Taken taken, Also also) {
        finish(validation, taken, also);
    }

    private void finish(Validation validation, DatasetIntake.Taken taken, Also also) {
        transactions.executeWithoutResult(status -> {
            validation.check();
            List<Change> changes = also.with(taken);
            if (!transitions.finish(validation.dataset(), validation.attempt(), taken, changes)) {
                throw new Validation.Stopped();
            }
            if (taken.rejected()) {
                rows.remove(validation.dataset()); // those that an attempt before this one may have left
            }
            rows.keepProblems(validation.dataset(), taken.file().problems().kept());
        });
    }
}
