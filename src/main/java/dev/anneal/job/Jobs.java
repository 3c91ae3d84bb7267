package dev.anneal.job;

import java.util.List;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.JpaRepository;

/** The jobs that were submitted. */
public interface Jobs extends JpaRepository<Job, String> {
    List<Job> findByIdLessThanOrderByIdDesc(String after, Limit limit);

    List<Job> findByStatusAndIdLessThanOrderByIdDesc(JobStatus status, String after, Limit limit);
}
