package dev.anneal.job.checkpoint;

import dev.anneal.sql.Instants;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import tools.jackson.databind.JsonNode;

/** The stored checkpoints of each job: the last ones, as many as the job keeps, and that of the best epoch. */
@Component
public class JobCheckpoints {
    private final JdbcClient jdbc;

    JobCheckpoints(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Returns the checkpoints in the order in which to resume from them: the latest attempt first, then the latest step. */
    public List<JobCheckpoint> of(String jobId) {
        return jdbc.sql("select * from job_checkpoints where job_id = ? order by attempt desc, step desc")
                .param(jobId)
                .query((row, i) -> new JobCheckpoint(
                        jobId,
                        row.getInt("step"),
                        row.getInt("epoch"),
                        row.getString("reason"),
                        row.getInt("attempt"),
                        row.getLong("size_bytes"),
                        row.getBoolean("has_model"),
                        row.getBoolean("best"),
                        row.getString("artifact"),
                        Instants.of(row, "created_at")))
                .list();
    }

    public Optional<JobCheckpoint> best(String jobId) {
        return of(jobId).stream().filter(JobCheckpoint::best).findFirst();
    }

    /** Returns whether this checkpoint is already recorded. */
    public boolean has(JobCheckpoint checkpoint) {
        return jdbc.sql("select exists (select from job_checkpoints where artifact = ?)")
                .param(checkpoint.artifact())
                .query(Boolean.class)
                .single();
    }

    /**
     * Records a checkpoint in place of one at the same step, and removes those that the job no longer keeps. The caller has
     * locked the job's row. Returns the artifacts of the removed checkpoints.
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public List<String> put(JobCheckpoint checkpoint, JsonNode best, int keep) {
        String id = checkpoint.jobId();
        // A checkpoint further than any before is progress: losses are counted from zero again. Those of parts of the
        // rows
        // have step 0, and count the parts as epochs.
        jdbc.sql("""
                        update jobs set losses = 0, memory_losses = 0, worker_losses = 0 where id = :id and not exists (
                            select from job_checkpoints where job_id = :id
                            and (step, case step when 0 then epoch else 0 end, has_model) >= (:step, :part, :model))""")
                .param("id", id)
                .param("step", checkpoint.step())
                .param("part", checkpoint.step() == 0 ? checkpoint.epoch() : 0)
                .param("model", checkpoint.hasModel())
                .update();
        List<String> superseded = new ArrayList<>(jdbc.sql(
                        "delete from job_checkpoints where job_id = ? and step = ? and artifact <> ? returning artifact")
                .params(id, checkpoint.step(), checkpoint.artifact())
                .query(String.class)
                .list());
        jdbc.sql("""
                        insert into job_checkpoints (job_id, step, epoch, reason, attempt, size_bytes, has_model, artifact)
                        values (?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing""")
                .params(
                        id,
                        checkpoint.step(),
                        checkpoint.epoch(),
                        checkpoint.reason(),
                        checkpoint.attempt(),
                        checkpoint.sizeBytes(),
                        checkpoint.hasModel(),
                        checkpoint.artifact())
                .update();
        if (best.isObject()) {
            jdbc.sql("update job_checkpoints set best = (has_model and step = ?) where job_id = ?")
                    .params(best.path("step").asInt(), id)
                    .update();
        }
        superseded.addAll(jdbc.sql("""
                        delete from job_checkpoints where job_id = :id and not best and step not in (
                            select step from job_checkpoints where job_id = :id
                            order by attempt desc, step desc limit :keep)
                        returning artifact""")
                .param("id", id)
                .param("keep", keep)
                .query(String.class)
                .list());
        return superseded;
    }

    /** Removes all checkpoints of a job that needs none. Returns their artifacts. */
    @Transactional(propagation = Propagation.MANDATORY)
    public List<String> removeAll(String jobId) {
        return jdbc.sql("delete from job_checkpoints where job_id = ? returning artifact")
                .param(jobId)
                .query(String.class)
                .list();
    }
}
