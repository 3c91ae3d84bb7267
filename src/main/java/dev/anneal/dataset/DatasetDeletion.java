package dev.anneal.dataset;

import dev.anneal.dataset.validation.DatasetDeleted;
import dev.anneal.web.Problem;
import java.sql.SQLException;
import java.util.List;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** Deletes a dataset, unless a job that has not ended needs it. */
@Component
class DatasetDeletion {
    private static final int WAIT_MILLIS = 2_000;
    private static final String LOCKED = "55P03";
    private static final String DEADLOCK = "40P01";

    private final DatasetJobs jobs;
    private final JdbcClient jdbc;
    private final ApplicationEventPublisher publisher;

    DatasetDeletion(DatasetJobs jobs, JdbcClient jdbc, ApplicationEventPublisher publisher) {
        this.jobs = jobs;
        this.jdbc = jdbc;
        this.publisher = publisher;
    }

    @Transactional
    void delete(Dataset dataset) {
        refuseIfNeeded(dataset);
        refuseIfRead(dataset);
        orBusy(() -> lock(dataset));
        refuseIfNeeded(dataset);
        refuseIfRead(dataset);
        orBusy(() -> jdbc.sql("delete from datasets where id = ?")
                .param(dataset.getId())
                .update());
        publisher.publishEvent(new DatasetDeleted(dataset.getId()));
    }

    private void refuseIfNeeded(Dataset dataset) {
        List<String> needing = jobs.needingDataset(dataset.getId());
        if (!needing.isEmpty()) {
            throw Problem.conflict(
                    "dataset_in_use",
                    "Jobs that have not ended use this dataset: " + String.join(", ", needing)
                            + ". Cancel them first.");
        }
    }

    /**
     * Refuses to delete a dataset of which a version is being made. One that is only appended can be deleted: then the last
     * transaction refuses the version.
     */
    private void refuseIfRead(Dataset dataset) {
        List<String> versions = jdbc.sql("select id from datasets where parent = ? and status = 'validating' limit 5")
                .param(dataset.getId())
                .query(String.class)
                .list();
        if (!versions.isEmpty()) {
            throw Problem.conflict(
                    "dataset_busy",
                    "Versions of this dataset are being made: %s. Wait until that has ended, or delete them first."
                            .formatted(String.join(", ", versions)));
        }
    }

    /**
     * Waits for a job or a version that is being submitted: it holds this lock in share mode (see Datasets.keep) until its row is
     * committed.
     */
    private void lock(Dataset dataset) {
        jdbc.sql("set local lock_timeout = '%dms'".formatted(WAIT_MILLIS)).update();
        jdbc.sql("select id from datasets where id = ? for update")
                .param(dataset.getId())
                .query(String.class)
                .optional();
    }

    /** Runs a statement that waits for locks. The rows may be locked, too: an attempt replaces those of a lost one. */
    private static void orBusy(Runnable statement) {
        try {
            statement.run();
        } catch (DataAccessException e) {
            if (!(e.getMostSpecificCause() instanceof SQLException held)
                    || !LOCKED.equals(held.getSQLState()) && !DEADLOCK.equals(held.getSQLState())) {
                throw e;
            }
            throw Problem.conflict("dataset_busy", "The dataset is in use or is being deleted. Try again.");
        }
    }
}
