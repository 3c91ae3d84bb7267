package dev.anneal.dataset;

import dev.anneal.dataset.staged.StagedRows;
import dev.anneal.dataset.validation.Validation;
import java.io.IOException;
import java.sql.SQLException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * Stores the rows of a dataset that is not ready yet. Their transaction does not wait for the search for near duplicates, which may
 * take minutes. Nobody reads the rows until the dataset is ready. If that fails, they are replaced by the next attempt, or removed
 * when the dataset is rejected or deleted.
 */
@Component
class StoredRows {
    private final DatasetRows rows;
    private final DatasetTransitions transitions;

    StoredRows(DatasetRows rows, DatasetTransitions transitions) {
        this.rows = rows;
        this.transitions = transitions;
    }

    @Transactional(rollbackFor = Exception.class)
    void store(Validation validation, StagedRows staged) throws IOException, SQLException {
        rows.store(validation.dataset(), staged);
        if (!transitions.isOurs(validation.dataset(), validation.attempt())) {
            throw new Validation.Stopped();
        }
    }
}
