package dev.anneal.job;

import dev.anneal.job.queue.JobKind;
import dev.anneal.job.queue.JobStatus;
import dev.anneal.project.Names;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Query;

/** The submitted jobs. Only those that train have names that mean them. */
public interface Jobs extends JpaRepository<Job, String> {
    Optional<Job> findByIdAndProject(String id, String project);

    Optional<Job> findByIdAndProjectAndKind(String id, String project, JobKind kind);

    /** Finds a job that trains by its id or name. Throws a problem if several have the name. */
    default Optional<Job> find(String idOrName, String project) {
        return findByIdAndProjectAndKind(idOrName, project, JobKind.training)
                .or(() -> Names.only(
                        "job",
                        idOrName,
                        named(idOrName, project, Names.MOST),
                        job -> job.hasItsName() ? 0 : 1,
                        Job::getId));
    }

    /** Throws a problem if a name means another job. */
    default void requireFree(String name, String project) {
        Names.refuseId(name);
        named(name, project, 1).stream().filter(Job::hasItsName).findFirst().ifPresent(other -> {
            throw Names.taken(name, "job", other.getId());
        });
    }

    /** Returns jobs with a name, those that failed or were cancelled last. */
    @Query(
            value = "select * from jobs where project = :project and name = :name and kind = 'training'"
                    + " order by status in ('failed', 'cancelled'), id desc limit :limit",
            nativeQuery = true)
    List<Job> named(String name, String project, int limit);

    boolean existsByProjectAndNameAndKind(String project, String name, JobKind kind);

    List<Job> findByProjectAndKindAndIdLessThanOrderByIdDesc(String project, JobKind kind, String after, Limit limit);

    List<Job> findByProjectAndKindAndStatusAndIdLessThanOrderByIdDesc(
            String project, JobKind kind, JobStatus status, String after, Limit limit);

    /** Returns a page of the jobs of a kind, newest first; the status is null for any. */
    default List<Job> page(String project, JobKind kind, @Nullable JobStatus status, String after, int count) {
        return status == null
                ? findByProjectAndKindAndIdLessThanOrderByIdDesc(project, kind, after, Limit.of(count))
                : findByProjectAndKindAndStatusAndIdLessThanOrderByIdDesc(
                        project, kind, status, after, Limit.of(count));
    }
}
