package dev.anneal.job.checkpoint;

import dev.anneal.artifact.ArtifactStore;
import dev.anneal.model.ModelRegistry;
import dev.anneal.role.Sweeps;
import dev.anneal.web.Problem;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.event.EventListener;
import org.springframework.http.HttpStatus;
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

    /** The grace of a model's files. Uploads renew theirs every few seconds. */
    private static final double MODEL_GRACE_SECONDS = 60;

    /**
     * The condition that nothing refers to an artifact and no process removes it. A new one, or one of the running attempt, may
     * be referred to in a moment. A process that removes one for ten minutes may have been killed.
     */
    private static final String UNUSED = """
            not exists (select from job_checkpoints c where c.artifact = f.artifact)
            and not exists (select from models m where m.artifact = f.artifact)
            and not exists (select from jobs j where j.predictions = f.artifact)
            and (removing_since < now() - interval '10 minutes'
                or removing_since is null
                and created_at < now() - make_interval(secs =>
                    case when job_id like 'mdl%' then least(:grace, :modelGrace) else :grace end)
                and not exists (select from jobs j
                    where j.id = f.job_id and j.attempt = f.attempt and j.status = 'running')
                and not exists (select from models m where m.id = f.job_id and m.status = 'importing'))""";

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

    /** Notes that a process still stores the files. Does not announce them again, since they may be removed already. */
    @EventListener
    void on(ModelRegistry.FilesRenewed files) {
        jdbc.sql("update job_files set created_at = clock_timestamp() where artifact = ?")
                .param(files.artifact())
                .update();
    }

    /** Deletes the record of files that a model names from now on. Throws a problem if a sweep has begun to remove them. */
    @EventListener
    void on(ModelRegistry.FilesRegistered files) {
        if (!keep(files.artifact())) {
            throw new Problem(
                    HttpStatus.SERVICE_UNAVAILABLE,
                    "database_unavailable",
                    "The server could not reach its database for so long that the files of the model were removed as unused. Send the request again.");
        }
    }

    /**
     * Deletes the record of files that a model or a job names from now on. So no sweep removes them, even that of an older version,
     * which does not look at what names them. Returns false if a sweep has begun to remove them.
     */
    public boolean keep(String artifact) {
        return jdbc.sql("delete from job_files where artifact = ? and removing_since is null")
                        .param(artifact)
                        .update()
                == 1;
    }

    private void forget(String artifact) {
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

    /** Removes an artifact of a lost attempt unless a checkpoint, a model or a job refers to it. Returns whether one does. */
    public boolean removeUnlessReferenced(String artifact) {
        boolean referenced = jdbc.sql("select exists (select from job_checkpoints where artifact = :artifact)"
                        + " or exists (select from models where artifact = :artifact)"
                        + " or exists (select from jobs where predictions = :artifact)")
                .param("artifact", artifact)
                .query(Boolean.class)
                .single();
        if (!referenced) {
            remove(List.of(artifact));
        }
        return referenced;
    }

    /** Removes the checkpoints of jobs that ended long ago, and artifacts that nothing refers to. */
    public void sweep() {
        try {
            Sweeps.time("job_files", this::removeUnused);
        } catch (RuntimeException databaseUnavailable) {
            log.warn("cannot sweep the files of jobs: {}", databaseUnavailable.getMessage());
        }
    }

    private void removeUnused() {
        jdbc.sql("""
                        delete from job_checkpoints where job_id in (
                            select id from jobs where status in ('failed', 'cancelled')
                            and finished_at < now() - make_interval(secs => ?))""").param(retentionSeconds).update();
        unused().forEach(this::sweep);
    }

    /**
     * Removes an artifact that is still unused. Its record is marked first, in a separate statement: the store may be slow, or
     * fail when some of the files are gone. The next sweep retries a removal that failed.
     */
    private void sweep(String artifact) {
        int marked = bind(jdbc.sql("update job_files f set removing_since = now() where artifact = :artifact and "
                                + UNUSED)
                        .param("artifact", artifact))
                .update();
        if (marked == 1) {
            remove(List.of(artifact));
            jdbc.sql(
                            "update job_files set removing_since = '-infinity' where artifact = ? and removing_since is not null")
                    .param(artifact)
                    .update();
        }
    }

    private List<String> unused() {
        return bind(jdbc.sql("select artifact from job_files f where " + UNUSED + " limit 1000"))
                .query(String.class)
                .list();
    }

    private JdbcClient.StatementSpec bind(JdbcClient.StatementSpec statement) {
        return statement.param("grace", graceSeconds).param("modelGrace", MODEL_GRACE_SECONDS);
    }
}
