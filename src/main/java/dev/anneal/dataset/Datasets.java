package dev.anneal.dataset;

import java.util.List;
import java.util.Optional;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Query;

/** The uploaded datasets. */
public interface Datasets extends JpaRepository<Dataset, String> {
    Optional<Dataset> findByIdAndProject(String id, String project);

    List<Dataset> findByProjectAndIdLessThanOrderByIdDesc(String project, String after, Limit limit);

    /** Locks the dataset until the caller's transaction ends: it cannot be deleted meanwhile. */
    @Query(value = "select id from datasets where id = :id and project = :project for key share", nativeQuery = true)
    Optional<String> keep(String id, String project);
}
