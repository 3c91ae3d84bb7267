package dev.anneal.project;

import dev.anneal.sql.Instants;
import dev.anneal.web.Problem;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** The projects, their limits and their usage. */
@Component
public class Projects {
    private static final String SELECT = "select * from projects";

    private final JdbcClient jdbc;

    Projects(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Returns the limits of the project, or none if the project does not exist. */
    public ProjectLimits limits(String id) {
        return find(id).map(Project::limits).orElse(ProjectLimits.NONE);
    }

    public ProjectUsage usage(String id) {
        return jdbc.sql("""
                        select (select count(*) from jobs where project = :id and status = 'running') as running_jobs,
                               (select count(*) from jobs where project = :id and status = 'queued') as queued_jobs,
                               (select count(*) from datasets where project = :id) as datasets,
                               (select count(*) from models where project = :id) as models,
                               (select coalesce(sum(size_bytes), 0) from datasets where project = :id)
                               + (select coalesce(sum(size_bytes), 0) from models where project = :id)
                               + (select coalesce(sum(predictions_bytes), 0) from jobs where project = :id) as storage_bytes""").param("id", id).query(ProjectUsage.class).single();
    }

    /** Locks the project until the caller's transaction ends. Nothing happens if there is no such project. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void lock(String id) {
        jdbc.sql("select id from projects where id = ? for no key update")
                .param(id)
                .query()
                .listOfRows();
    }

    Optional<Project> find(String id) {
        return jdbc.sql(SELECT + " where id = ?")
                .param(id)
                .query(Projects::project)
                .optional();
    }

    /** Returns all projects, or only one, in descending order of ids. */
    List<Project> page(@Nullable String only, String after, int oneMore) {
        return jdbc.sql(SELECT + " where (cast(:only as text) is null or id = :only) and id < :after"
                        + " order by id desc limit :limit")
                .param("only", only)
                .param("after", after)
                .param("limit", oneMore)
                .query(Projects::project)
                .list();
    }

    @Transactional
    void create(ProjectRequest request) {
        try {
            jdbc.sql("insert into projects (id, name) values (?, ?)")
                    .params(request.id(), request.name())
                    .update();
        } catch (DuplicateKeyException there) {
            throw Problem.conflict("project_exists", "A project '" + request.id() + "' already exists.");
        }
        update(request);
    }

    @Transactional
    void update(ProjectRequest request) {
        ProjectLimits limits = request.limits();
        jdbc.sql("""
                        update projects
                        set name = :name, max_running_jobs = :running, weight = :weight, max_queued_jobs = :queued,
                            max_datasets = :datasets, max_storage_bytes = :bytes
                        where id = :id""")
                .param("id", request.id())
                .param("name", request.name())
                .param("running", limits.maxRunningJobs())
                .param("weight", limits.weight())
                .param("queued", limits.maxQueuedJobs())
                .param("datasets", limits.maxDatasets())
                .param("bytes", limits.maxStorageBytes())
                .update();
    }

    private static Project project(ResultSet row, int i) throws SQLException {
        return new Project(
                row.getString("id"),
                row.getString("name"),
                new ProjectLimits(
                        row.getObject("max_running_jobs", Integer.class),
                        row.getDouble("weight"),
                        row.getObject("max_queued_jobs", Integer.class),
                        row.getObject("max_datasets", Integer.class),
                        row.getObject("max_storage_bytes", Long.class)),
                Instants.of(row, "created_at"));
    }
}
