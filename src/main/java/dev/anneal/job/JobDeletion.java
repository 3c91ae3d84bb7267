package dev.anneal.job;

import dev.anneal.job.checkpoint.JobFiles;
import dev.anneal.job.queue.JobKind;
import dev.anneal.job.queue.JobStatus;
import dev.anneal.web.Problem;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Deletes a job that has ended, with its events, metrics, report, checkpoints and predictions. Its models stay. */
@Component
public class JobDeletion {
    private final JdbcClient jdbc;
    private final JobFiles files;

    JobDeletion(JdbcClient jdbc, JobFiles files) {
        this.jdbc = jdbc;
        this.files = files;
    }

    public void delete(String id) {
        // The rows of events, metrics and checkpoints are deleted by their foreign keys after the returned query has
        // run. Predictions have no record from which a sweep would find them, so they get one in the same statement.
        String[] artifacts = jdbc.sql("""
                        with deleted as (
                            delete from jobs where id = :id and status in (:ended)
                            returning id, predictions, array(
                                select artifact from job_checkpoints where job_id = jobs.id
                                union all select predictions where predictions is not null) as artifacts),
                        announced as (
                            insert into job_files (artifact, job_id, attempt)
                            select predictions, id, 0 from deleted where predictions is not null
                            on conflict do nothing)
                        select artifacts from deleted""")
                .param("id", id)
                .param("ended", JobStatus.ended())
                .query((row, i) -> (String[]) row.getArray(1).getArray())
                .optional()
                .orElseThrow(() -> refused(id));
        files.remove(List.of(artifacts));
    }

    private Problem refused(String id) {
        return jdbc.sql("select kind, status from jobs where id = ?")
                .param(id)
                .query((row, i) -> {
                    String noun = JobKind.valueOf(row.getString("kind")).noun();
                    return Problem.conflict(
                            noun + "_not_finished",
                            "The " + noun + " is " + row.getString("status") + ". Cancel it first, then delete it.");
                })
                .optional()
                .orElseGet(() -> Problem.notFound("job", id));
    }
}
