package dev.anneal.dataset;

import dev.anneal.dataset.validation.DatasetDeleted;
import dev.anneal.web.Problem;
import java.util.List;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** Deletes a dataset, unless a job that has not ended needs it. */
@Component
class DatasetDeletion {
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
        // A job that is being submitted holds this lock in share mode (see Datasets.keep) until its row is committed.
        jdbc.sql("select id from datasets where id = ? for update")
                .param(dataset.getId())
                .query(String.class)
                .optional();
        List<String> needing = jobs.needingDataset(dataset.getId());
        if (!needing.isEmpty()) {
            throw Problem.conflict(
                    "dataset_in_use",
                    "Jobs that have not ended use this dataset: " + String.join(", ", needing)
                            + ". Cancel them first.");
        }
        jdbc.sql("delete from datasets where id = ?").param(dataset.getId()).update();
        publisher.publishEvent(new DatasetDeleted(dataset.getId()));
    }
}
