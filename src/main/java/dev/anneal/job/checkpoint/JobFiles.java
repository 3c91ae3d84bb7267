package dev.anneal.job.checkpoint;

import dev.anneal.artifact.ArtifactStore;
import dev.anneal.model.ModelRegistry;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.SchedulingConfigurer;
import org.springframework.scheduling.config.FixedDelayTask;
import org.springframework.scheduling.config.ScheduledTaskRegistrar;
import org.springframework.stereotype.Component;

/**
 * The files that jobs have brought into the store, and those of deleted models. A key is written down before its files come, and crossed out once they
 * are gone or a model owns them: so whatever a worker left behind that died in between is found and removed.
 */
@Component
public class JobFiles implements SchedulingConfigurer {
    private static final Logger log = LoggerFactory.getLogger(JobFiles.class);

    private final JdbcClient jdbc;
    private final ArtifactStore store;
    private final RetentionSettings settings;
    private final double retentionSeconds;
    private final double graceSeconds;

    JobFiles(JdbcClient jdbc, ArtifactStore store, RetentionSettings settings) {
        this.jdbc = jdbc;
        this.store = store;
        this.settings = settings;
        this.retentionSeconds = settings.retention().toSeconds();
        this.graceSeconds = settings.grace().toSeconds();
    }

    @Override
    public void configureTasks(ScheduledTaskRegistrar tasks) {
        tasks.addFixedDelayTask(new FixedDelayTask(this::sweep, settings.sweep(), Duration.ofMinutes(1)));
    }

    public void announce(String jobId, int attempt, String artifact) {
        jdbc.sql("insert into job_files (artifact, job_id, attempt) values (?, ?, ?) on conflict do nothing")
                .params(artifact, jobId, attempt)
                .update();
    }

    /** Those of a model that is being deleted, for the case that the store is away or this process dies. */
    @EventListener
    void on(ModelRegistry.FilesGivenUp files) {
        announce(files.modelId(), 0, files.artifact());
    }

    /** A model has them now, and takes them with it when it is deleted. */
    public void handOver(String artifact) {
        jdbc.sql("delete from job_files where artifact = ?").param(artifact).update();
    }

    /** After the transaction in which nothing came to name them any more. What cannot be removed now is left to the sweep. */
    public void remove(List<String> artifacts) {
        for (String artifact : artifacts) {
            try {
                store.delete(artifact);
                handOver(artifact);
            } catch (RuntimeException later) {
                log.warn("{} is not removed yet: {}", artifact, later.getMessage());
            }
        }
    }

    /** What a lost attempt has brought, unless a checkpoint or a model came to name it. */
    public void removeUnlessNamed(String artifact) {
        boolean named = jdbc.sql("select exists (select from job_checkpoints where artifact = :artifact)"
                        + " or exists (select from models where artifact = :artifact)")
                .param("artifact", artifact)
                .query(Boolean.class)
                .single();
        if (!named) {
            remove(List.of(artifact));
        }
    }

    /** Lets go of the checkpoints of jobs that ended long ago, and removes files that nothing names. */
    public void sweep() {
        try {
            jdbc.sql("""
                            delete from job_checkpoints where job_id in (
                                select id from jobs where status in ('failed', 'cancelled')
                                and finished_at < now() - make_interval(secs => ?))""").param(retentionSeconds).update();
            // A file that came just now may be named in a moment; so may one of the attempt that holds the job.
            remove(jdbc.sql("""
                            select artifact from job_files f where created_at < now() - make_interval(secs => ?)
                            and not exists (select from job_checkpoints c where c.artifact = f.artifact)
                            and not exists (select from models m where m.artifact = f.artifact)
                            and not exists (select from jobs j
                                where j.id = f.job_id and j.attempt = f.attempt and j.status = 'running')
                            limit 1000""").param(graceSeconds).query(String.class).list());
        } catch (RuntimeException databaseAway) {
            log.warn("files of jobs are not swept: {}", databaseAway.getMessage());
        }
    }
}
