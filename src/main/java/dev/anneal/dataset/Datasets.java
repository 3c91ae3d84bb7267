package dev.anneal.dataset;

import java.util.List;
import java.util.Optional;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.JpaRepository;

/** The datasets that were uploaded. */
public interface Datasets extends JpaRepository<Dataset, String> {
    Optional<Dataset> findByIdAndProject(String id, String project);

    List<Dataset> findByProjectAndIdLessThanOrderByIdDesc(String project, String after, Limit limit);
}
