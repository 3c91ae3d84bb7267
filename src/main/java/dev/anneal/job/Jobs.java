package dev.anneal.job;

import dev.anneal.job.queue.JobStatus;
import java.util.List;
import java.util.Optional;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.JpaRepository;

/** The submitted jobs. */
public interface Jobs extends JpaRepository<Job, String> {
    Optional<Job> findByIdAndProject(String id, String project);

    List<Job> findByProjectAndIdLessThanOrderByIdDesc(String project, String after, Limit limit);

    List<Job> findByProjectAndStatusAndIdLessThanOrderByIdDesc(
            String project, JobStatus status, String after, Limit limit);
}
