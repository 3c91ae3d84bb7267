package dev.anneal.dataset;

import java.util.List;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.JpaRepository;

/** The datasets that were uploaded. */
public interface Datasets extends JpaRepository<Dataset, String> {
    List<Dataset> findByIdLessThanOrderByIdDesc(String after, Limit limit);
}
