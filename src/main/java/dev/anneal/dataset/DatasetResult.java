package dev.anneal.dataset;

import dev.anneal.dataset.check.SearchTime;
import dev.anneal.dataset.validation.Validation;
import dev.anneal.dataset.version.Change;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** Stores the rows of a dataset and the result of its validation. The transaction begins when all rows are read. */
@Component
class DatasetResult {
    /** Does what else belongs to the transaction. Returns what the steps changed, if the dataset is a version. */
    interface Also {
        List<Change> with(DatasetIntake.Taken taken);
    }

    private final DatasetTransitions transitions;
    private final DatasetRows rows;

    DatasetResult(DatasetTransitions transitions, DatasetRows rows) {
        this.transitions = transitions;
        this.rows = rows;
    }

    /** Stores rows that can be used. The search for near duplicates runs meanwhile. */
    @Transactional(rollbackFor = Exception.class)
    DatasetIntake.Taken store(Validation validation, DatasetIntake.Read read, SearchTime time, Also also)
            throws IOException, SQLException {
        DatasetIntake.Taken taken = read.store(validation.dataset(), time);
        finish(validation, taken, also);
        return taken;
    }

    /** Stores the problems of a dataset that is rejected. */
    @Transactional
    void reject(Validation validation, DatasetIntake.Taken taken, Also also) {
        finish(validation, taken, also);
    }

    private void finish(Validation validation, DatasetIntake.Taken taken, Also also) {
        validation.check();
        List<Change> changes = also.with(taken);
        if (!transitions.finish(validation.dataset(), validation.attempt(), taken, changes)) {
            throw new Validation.Stopped();
        }
        rows.keepProblems(validation.dataset(), taken.file().problems().kept());
    }
}
