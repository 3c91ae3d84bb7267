package dev.anneal.model;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Query;

/** The models that can be trained from or called. */
public interface Models extends JpaRepository<Model, String> {
    List<Model> findByIdLessThanOrderByIdDesc(String after, Limit limit);

    List<Model> findByKindAndIdLessThanOrderByIdDesc(String kind, String after, Limit limit);

    /** By id, or a base model by its name. */
    @Query("select m from Model m where m.id = :name or (m.kind = 'base' and m.name = :name)")
    Optional<Model> find(String name);

    @Query("select m.name from Model m where m.kind = 'base' and m.status = 'ready' order by m.name")
    List<String> baseNames();

    /** The base models of these architectures. */
    @Query("select m.name from Model m where m.kind = 'base' and m.architecture in :architectures order by m.name")
    List<String> baseNames(Collection<String> architectures);
}
