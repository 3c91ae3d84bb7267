package dev.anneal.job.checkpoint;

import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import tools.jackson.databind.JsonNode;

/** Which checkpoints of each job the store has: the last ones, as many as the job keeps, and the best epoch's. */
@Component
public class JobCheckpoints {
    private final JdbcClient jdbc;

    JobCheckpoints(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** The newest first, which are those of the last attempt: an earlier one's that it passed over are worth less. */
    public List<Checkpoint> of(String jobId) {
        return jdbc.sql("select * from job_checkpoints where job_id = ? order by attempt desc, step desc")
                .param(jobId)
                .query((row, i) -> new Checkpoint(
                        jobId,
                        row.getInt("step"),
                        row.getInt("epoch"),
                        row.getString("reason"),
                        row.getInt("attempt"),
                        row.getLong("size_bytes"),
                        row.getBoolean("has_model"),
                        row.getBoolean("best"),
                        row.getString("artifact"),
                        row.getObject("created_at", OffsetDateTime.class).toInstant()))
                .list();
    }

    public Optional<Checkpoint> best(String jobId) {
        return of(jobId).stream().filter(Checkpoint::best).findFirst();
    }

    /** Whether this very one was recorded before. */
    public boolean has(Checkpoint checkpoint) {
        return jdbc.sql("select exists (select from job_checkpoints where artifact = ?)")
                .param(checkpoint.artifact())
                .query(Boolean.class)
                .single();
    }

    /**
     * Under the lock of the job's row: takes the checkpoint in the place of one at the same step, and lets go of those that
     * are no longer kept. Returns the keys of files that nothing needs any more.
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public List<String> put(Checkpoint checkpoint, JsonNode best, int keep) {
        String id = checkpoint.jobId();
        // What comes further than any before it is progress: what was lost until then counts no more.
        jdbc.sql("""
                        update jobs set losses = 0, memory_losses = 0 where id = :id and not exists (
                            select from job_checkpoints where job_id = :id and (step, has_model) >= (:step, :model))""")
                .param("id", id)
                .param("step", checkpoint.step())
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
            jdbc.sql("update job_checkpoints set best = (has_model and epoch = ?) where job_id = ?")
                    .params(best.path("epoch").asInt(), id)
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

    /** Those of a job that needs none any more; returns the keys of their files. */
    @Transactional(propagation = Propagation.MANDATORY)
    public List<String> removeAll(String jobId) {
        return jdbc.sql("delete from job_checkpoints where job_id = ? returning artifact")
                .param(jobId)
                .query(String.class)
                .list();
    }
}
