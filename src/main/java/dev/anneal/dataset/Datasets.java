package dev.anneal.dataset;

import dev.anneal.project.Names;
import dev.anneal.text.Suggest;
import dev.anneal.web.Problem;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;

/** The uploaded datasets. */
public interface Datasets extends JpaRepository<Dataset, String> {
    Optional<Dataset> findByIdAndProject(String id, String project);

    /** Finds a dataset by its id or name. Throws a problem if several have the name. */
    default Optional<Dataset> find(String idOrName, String project) {
        return findByIdAndProject(idOrName, project)
                .or(() -> Names.only(
                        "dataset",
                        idOrName,
                        named(idOrName, project, Names.MOST),
                        dataset -> dataset.status() == Dataset.Status.rejected ? 1 : 0,
                        Dataset::getId));
    }

    /** Throws a problem if a name means another dataset. */
    default void requireFree(String name, String project) {
        Names.refuseId(name);
        named(name, project, 1).stream()
                .filter(other -> other.status() != Dataset.Status.rejected)
                .findFirst()
                .ifPresent(other -> {
                    throw Names.taken(name, "dataset", other.getId());
                });
    }

    /** Returns datasets with a name, the rejected ones last. */
    @Query(
            value = "select * from datasets where project = :project and name = :name"
                    + " order by status = 'rejected', id desc limit :limit",
            nativeQuery = true)
    List<Dataset> named(String name, String project, int limit);

    boolean existsByProjectAndNameAndStatusNot(String project, String name, Dataset.Status status);

    /** Returns whether a name means a dataset. A rejected one leaves its name to the next one. */
    default boolean isTaken(String name, String project) {
        return existsByProjectAndNameAndStatusNot(project, name, Dataset.Status.rejected);
    }

    /** Returns names of the project's datasets, the newest first. */
    @Query(
            value = "select name from datasets where project = :project and status <> 'rejected'"
                    + " order by id desc limit 1000",
            nativeQuery = true)
    List<String> names(String project);

    /** Returns the problem for a dataset that does not exist. It suggests one of the project. */
    default Problem missing(String idOrName, String project) {
        return Problem.notFound("dataset", idOrName, names(project));
    }

    /** Returns the problem for a field that names a dataset that does not exist. It suggests one of the project. */
    default Problem unknown(String field, String idOrName, String project) {
        return Problem.invalid(
                field,
                "unknown_dataset",
                "There is no dataset '%s'.%s"
                        .formatted(Problem.quote(idOrName), Suggest.nearest(idOrName, names(project))));
    }

    List<Dataset> findByProjectAndIdLessThanOrderByIdDesc(String project, String after, Limit limit);

    List<Dataset> findByProjectAndStatusAndIdLessThanOrderByIdDesc(
            String project, Dataset.Status status, String after, Limit limit);

    /** Returns a page of the datasets, newest first; the status is null for any. */
    default List<Dataset> page(String project, Dataset.@Nullable Status status, String after, int count) {
        return status == null
                ? findByProjectAndIdLessThanOrderByIdDesc(project, after, Limit.of(count))
                : findByProjectAndStatusAndIdLessThanOrderByIdDesc(project, status, after, Limit.of(count));
    }

    /** The number of datasets that one was made of, and the characters that tell of them. */
    interface Size {
        int getAncestors();

        int getCharacters();
    }

    @Query(
            value = "select jsonb_array_length(lineage) as ancestors, length(cast(lineage as text)) as characters"
                    + " from datasets where id = :id",
            nativeQuery = true)
    Size sizeOfLineage(String id);

    /** Returns the datasets that one was made of, as JSON: its parent, then the parent of that, up to the upload. */
    @Query(
            value = "select cast(lineage as text) from datasets where id = :id and project = :project",
            nativeQuery = true)
    Optional<String> lineage(String id, String project);

    /** Gives a version its lineage: its parent, which is the only element of the JSON, and the lineage of that. */
    @Modifying
    @Query(
            value = "update datasets set lineage = cast(:parent as jsonb)"
                    + " || (select before.lineage from datasets as before where before.id = :parentId) where id = :id",
            nativeQuery = true)
    void inherit(String id, String parentId, String parent);

    /** Returns the ids of datasets that were made of one, directly or not. Its id is given as the JSON of a lineage with it. */
    @Query(
            value = "select id from datasets where project = :project and lineage @> cast(:ancestor as jsonb)"
                    + " and id < :after order by id desc limit :limit",
            nativeQuery = true)
    List<String> descendants(String project, String ancestor, String after, int limit);

    List<Dataset> findByIdInOrderByIdDesc(Collection<String> ids);

    /**
     * Locks the dataset until the caller's transaction ends: it cannot be deleted meanwhile. If it is being deleted, which takes
     * long for many rows, it is not found.
     */
    @Query(
            value = "select id from datasets where id = :id and project = :project for key share skip locked",
            nativeQuery = true)
    Optional<String> keep(String id, String project);
}
