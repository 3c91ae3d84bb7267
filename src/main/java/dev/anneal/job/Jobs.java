package dev.anneal.job;

import dev.anneal.job.queue.JobStatus;
import dev.anneal.project.Names;
import java.util.List;
import java.util.Optional;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Query;

/** The submitted jobs. */
public interface Jobs extends JpaRepository<Job, String> {
    Optional<Job> findByIdAndProject(String id, String project);

    /** Finds a job by its id or name. Throws a problem if several have the name. */
    default Optional<Job> find(String idOrName, String project) {
        return findByIdAndProject(idOrName, project)
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
            value = "select * from jobs where project = :project and name = :name"
                    + " order by status in ('failed', 'cancelled'), id desc limit :limit",
            nativeQuery = true)
    List<Job> named(String name, String project, int limit);

    boolean existsByProjectAndName(String project, String name);

    List<Job> findByProjectAndIdLessThanOrderByIdDesc(String project, String after, Limit limit);

    List<Job> findByProjectAndStatusAndIdLessThanOrderByIdDesc(
            String project, JobStatus status, String after, Limit limit);
}
