package dev.anneal.model;

import dev.anneal.project.Names;
import dev.anneal.web.Problem;
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

    /** Finds a model by its id or name. The project's own model comes before a shared one. Throws a problem if several have the name. */
    default Optional<Model> find(String idOrName, @Nullable String project) {
        return withId(idOrName, project)
                .or(() -> Names.only(
                        "model",
                        idOrName,
                        named(idOrName, project, Limit.of(Names.MOST)),
                        model -> model.status().equals("failed") ? 2 : model.project() == null ? 1 : 0,
                        Model::getId));
    }

    /** Finds the base model of a job, which names it by id or, if it is no fine-tuned one, by name. */
    default Optional<Model> findBase(String idOrName, @Nullable String project) {
        return withId(idOrName, project)
                .or(() -> named(idOrName, project, Limit.unlimited()).stream()
                        .filter(Model::isBase)
                        .findFirst());
    }

    @Query("select m from Model m where m.id = :id and " + VISIBLE)
    Optional<Model> withId(String id, @Nullable String project);

    /** Throws a problem if a name means another model of the project, or one that all projects share. */
    default void requireFree(String name, @Nullable String project) {
        Names.refuseId(name);
        named(name, project, Limit.of(1)).stream()
                .filter(other -> !other.status().equals("failed"))
                .findFirst()
                .ifPresent(other -> {
                    throw Names.taken(name, "model", other.getId());
                });
    }

    /** Returns models with a name: the project's own before shared ones, those whose import failed last. */
    @Query("select m from Model m where m.name = :name and " + VISIBLE
            + " order by case when m.status = 'failed' then 1 else 0 end, m.project nulls last, m.id desc")
    List<Model> named(String name, @Nullable String project, Limit limit);

    /** Locks the model until the caller's transaction ends: it cannot be deleted meanwhile. */
    @Query(value = "select id from models where id = :id for key share", nativeQuery = true)
    Optional<String> keep(String id);

    @Query("select m.name from Model m where m.status = 'ready' and " + VISIBLE + " order by m.id desc")
    List<String> names(@Nullable String project, Limit limit);

    /** Returns the problem for a model that does not exist. It suggests one that the project sees. */
    default Problem missing(String idOrName, @Nullable String project) {
        return Problem.notFound("model", idOrName, names(project, Limit.of(1000)));
    }

    @Query("select distinct m.name from Model m where m.kind = 'base' and m.status = 'ready' and " + VISIBLE
            + " order by m.name")
    List<String> baseNames(String project);

    /** Returns the names of base models of these architectures. */
    @Query("select distinct m.name from Model m where m.kind = 'base' and m.architecture in :architectures and "
            + VISIBLE + " order by m.name")
    List<String> baseNames(String project, Collection<String> architectures);
}
