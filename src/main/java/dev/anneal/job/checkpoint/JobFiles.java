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
 * The artifacts that jobs have stored, and those of deleted models. An artifact is recorded before its files are stored, and
 * the record is deleted once the files are gone or a model owns them. So the sweep finds what a killed worker left behind.
 */
@Component
public class JobFiles implements SchedulingConfigurer {
    private static final Logger log = LoggerFactory.getLogger(JobFiles.class);
    private static final Duration FIRST_SWEEP = Duration.ofMinutes(1);

    /** The grace of a model's files. Uploads announce theirs every few seconds. */
    private static final double MODEL_GRACE_SECONDS = 60;

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
        Duration first = settings.sweep().compareTo(FIRST_SWEEP) < 0 ? settings.sweep() : FIRST_SWEEP;
        tasks.addFixedDelayTask(new FixedDelayTask(this::sweep, settings.sweep(), first));
    }

    public void announce(String jobId, int attempt, String artifact) {
        jdbc.sql("insert into job_files (artifact, job_id, attempt) values (?, ?, ?) on conflict do nothing")
                .params(artifact, jobId, attempt)
                .update();
    }

    /** Records files that no model names, in case the store is unavailable or this process dies. */
    @EventListener
    void on(ModelRegistry.FilesAnnounced files) {
        jdbc.sql("""
                        insert into job_files (artifact, job_id, attempt) values (?, ?, 0)
                        on conflict (artifact) do update set created_at = clock_timestamp()""").params(files.artifact(), files.modelId()).update();
    }

    /** Deletes the record of an artifact that a model owns or whose files are gone. */
    public void forget(String artifact) {
        jdbc.sql("delete from job_files where artifact = ?").param(artifact).update();
    }

    /** Removes artifacts, after the commit that dereferenced them. The sweep retries those that cannot be removed now. */
    public void remove(List<String> artifacts) {
        for (String artifact : artifacts) {
            try {
                store.delete(artifact);
                forget(artifact);
            } catch (RuntimeException later) {
                log.warn("cannot remove {} now: {}", artifact, later.getMessage());
            }
        }
    }

    /** Removes an artifact of a lost attempt unless a checkpoint or a model refers to it. */
    public void removeUnlessReferenced(String artifact) {
        boolean referenced = jdbc.sql("select exists (select from job_checkpoints where artifact = :artifact)"
                        + " or exists (select from models where artifact = :artifact)")
                .param("artifact", artifact)
                .query(Boolean.class)
                .single();
        if (!referenced) {
            remove(List.of(artifact));
        }
    }

    /** Removes the checkpoints of jobs that ended long ago, and artifacts that nothing refers to. */
    public void sweep() {
        try {
            jdbc.sql("""
                            delete from job_checkpoints where job_id in (
                                select id from jobs where status in ('failed', 'cancelled')
                                and finished_at < now() - make_interval(secs => ?))""").param(retentionSeconds).update();
            // A new artifact, or one of the running attempt, may be referred to in a moment.
            remove(jdbc.sql("""
                            select artifact from job_files f
                            where created_at < now() - make_interval(secs =>
                                case when job_id like 'mdl%' then least(:grace, :modelGrace) else :grace end)
                            and not exists (select from job_checkpoints c where c.artifact = f.artifact)
                            and not exists (select from models m where m.artifact = f.artifact)
                            and not exists (select from jobs j
                                where j.id = f.job_id and j.attempt = f.attempt and j.status = 'running')
                            and not exists (select from models m where m.id = f.job_id and m.status = 'importing')
                            limit 1000""")
                    .param("grace", graceSeconds)
                    .param("modelGrace", MODEL_GRACE_SECONDS)
                    .query(String.class)
                    .list());
        } catch (RuntimeException databaseUnavailable) {
            log.warn("cannot sweep the files of jobs: {}", databaseUnavailable.getMessage());
        }
    }
}
