package dev.anneal.model;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Query;

/** Reads and writes the rows of models. */
public interface Models extends JpaRepository<Model, String> {
    /** A project sees its own models and those without a project, which all projects share. */
    String VISIBLE = "(m.project is null or m.project = :project)";

    @Query("select m from Model m where m.id < :after and (:kind is null or m.kind = :kind) and " + VISIBLE
            + " order by m.id desc")
    List<Model> page(@Nullable String project, @Nullable String kind, String after, Limit limit);

    /** Finds a model by id, or a base model by name. The project's own model comes before a shared one. */
    default Optional<Model> find(String name, @Nullable String project) {
        return named(name, project, Limit.of(1)).stream().findFirst();
    }

    @Query("select m from Model m where (m.id = :name or (m.kind = 'base' and m.name = :name)) and " + VISIBLE
            + " order by m.project nulls last")
    List<Model> named(String name, @Nullable String project, Limit limit);

    /** Locks the models that {@link #find} may return until the caller's transaction ends: none can be deleted meanwhile. */
    @Query(
            value = "select id from models where (id = :name or (kind = 'base' and name = :name))"
                    + " and (project is null or project = :project) for key share",
            nativeQuery = true)
    List<String> keep(String name, String project);

    @Query("select distinct m.name from Model m where m.kind = 'base' and m.status = 'ready' and " + VISIBLE
            + " order by m.name")
    List<String> baseNames(String project);

    /** Returns the names of base models of these architectures. */
    @Query("select distinct m.name from Model m where m.kind = 'base' and m.architecture in :architectures and "
            + VISIBLE + " order by m.name")
    List<String> baseNames(String project, Collection<String> architectures);
}
