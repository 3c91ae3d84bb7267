package dev.anneal.job;

import dev.anneal.job.checkpoint.JobFiles;
import dev.anneal.job.queue.JobStatus;
import dev.anneal.web.Problem;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Deletes a job that has ended, with its events, metrics, report and checkpoints. Its models stay. */
@Component
class JobDeletion {
    private final JdbcClient jdbc;
    private final JobFiles files;

    JobDeletion(JdbcClient jdbc, JobFiles files) {
        this.jdbc = jdbc;
        this.files = files;
    }

    void delete(String id) {
        // The rows of events, metrics and checkpoints are deleted by their foreign keys after the returned query has
        // run.
        String[] artifacts = jdbc.sql("""
                        delete from jobs where id = :id and status in (:ended)
                        returning array(select artifact from job_checkpoints where job_id = jobs.id)""")
                .param("id", id)
                .param("ended", JobStatus.ended())
                .query((row, i) -> (String[]) row.getArray(1).getArray())
                .optional()
                .orElseThrow(() -> refused(id));
        files.remove(List.of(artifacts));
    }

    private Problem refused(String id) {
        return jdbc.sql("select status from jobs where id = ?")
                .param(id)
                .query(String.class)
                .optional()
                .map(status -> Problem.conflict(
                        "job_not_finished", "The job is " + status + ". Cancel it first, then delete it."))
                .orElseGet(() -> Problem.notFound("job", id));
    }
}
