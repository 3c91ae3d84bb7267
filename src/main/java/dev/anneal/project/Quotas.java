package dev.anneal.project;

import dev.anneal.web.Problem;
import dev.anneal.web.limit.Limits;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * Refuses what would exceed the limits of a project, or those of the server if the project has none. Called in the
 * transaction that adds something: the project's row is locked until its end, so that two cannot both take the last place.
 */
@Component
public class Quotas {
    private final JdbcClient jdbc;
    private final Projects projects;
    private final Limits limits;

    Quotas(JdbcClient jdbc, Projects projects, Limits limits) {
        this.jdbc = jdbc;
        this.projects = projects;
        this.limits = limits;
    }

    @Transactional(propagation = Propagation.MANDATORY)
    public void oneMoreQueuedJob(String project) {
        Integer own = projects.limits(project).maxQueuedJobs();
        long max = own != null ? own : limits.maxQueuedJobs();
        if (own == null && max == 0) {
            return;
        }
        projects.lock(project);
        if (count("select count(*) from jobs where project = ? and status = 'queued'", project) >= max) {
            throw Problem.limit(
                    HttpStatus.TOO_MANY_REQUESTS,
                    "too_many_queued_jobs",
                    "The project has reached its limit of queued jobs",
                    own != null ? "max_queued_jobs of the project" : "anneal.limits.max-queued-jobs",
                    max);
        }
    }

    @Transactional(propagation = Propagation.MANDATORY)
    public void oneMoreDataset(String project) {
        Integer own = projects.limits(project).maxDatasets();
        long max = own != null ? own : limits.maxDatasets();
        if (own == null && max == 0) {
            return;
        }
        projects.lock(project);
        if (count("select count(*) from datasets where project = ?", project) >= max) {
            throw Problem.limit(
                    "too_many_datasets",
                    "The project has reached its limit of datasets. Delete some first",
                    own != null ? "max_datasets of the project" : "anneal.limits.max-datasets",
                    max);
        }
    }

    /** Counts uploaded datasets, models and predictions. Models without a project are not counted. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void moreBytes(@Nullable String project, long bytes) {
        if (project == null) {
            return;
        }
        Long own = projects.limits(project).maxStorageBytes();
        long max = own != null ? own : limits.maxStorage().toBytes();
        if (own == null && max == 0) {
            return;
        }
        projects.lock(project);
        long used = count("select coalesce(sum(size_bytes), 0) from datasets where project = ?", project)
                + count("select coalesce(sum(size_bytes), 0) from models where project = ?", project)
                + count("select coalesce(sum(predictions_bytes), 0) from jobs where project = ?", project);
        if (bytes > max - used) {
            throw Problem.limit(
                    "storage_full",
                    "The project's datasets, models and predictions have %,d bytes. Adding %,d more would exceed the limit"
                            .formatted(used, bytes),
                    own != null ? "max_storage_bytes of the project" : "anneal.limits.max-storage",
                    max);
        }
    }

    private long count(String sql, String project) {
        return jdbc.sql(sql).param(project).query(Long.class).single();
    }
}
