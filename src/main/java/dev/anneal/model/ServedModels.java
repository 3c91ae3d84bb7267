package dev.anneal.model;

import dev.anneal.project.Names;
import dev.anneal.web.Problem;
import java.util.Optional;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.stereotype.Component;

/**
 * Finds models for calls with one short statement: each call asks, so that a model that was deleted is not served any longer.
 * Hibernate would take a transaction and read each column.
 */
@Component
public class ServedModels implements ExistingModels {
    private static final String SELECT = """
            select id, status, kind = 'base' as is_base, task, architecture, parameters, artifact, project is null from models
            where (project is null or project = ?) and\s""";

    private static final String BY_ID = SELECT + "id = ?";
    private static final String BY_NAME =
            SELECT + "name = ? order by status = 'failed', project nulls last, id desc limit " + Names.MOST;

    private static final String NAMES = """
            select name from models where (project is null or project = ?) and status = 'ready' order by id desc limit 1000""";

    /** A model, and whether all projects share it. */
    private record Found(ServedModel model, boolean isShared) {}

    private static final RowMapper<Found> ROW = (row, number) -> new Found(
            new ServedModel(
                    row.getString(1),
                    row.getString(2),
                    row.getBoolean(3),
                    row.getString(4),
                    row.getString(5),
                    row.getObject(6, Long.class),
                    row.getString(7)),
            row.getBoolean(8));

    private final JdbcTemplate jdbc;

    ServedModels(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /** Returns the problem for a model that does not exist. It suggests one that the project sees. */
    public Problem missing(String idOrName, String project) {
        return Problem.notFound("model", idOrName, jdbc.queryForList(NAMES, String.class, project));
    }

    @Override
    public boolean exists(String id) {
        return Boolean.TRUE.equals(
                jdbc.queryForObject("select exists (select 1 from models where id = ?)", Boolean.class, id));
    }

    /** Finds a model as {@link Models#find} does. */
    public Optional<ServedModel> find(String idOrName, String project) {
        return jdbc.query(BY_ID, ROW, project, idOrName).stream()
                .findFirst()
                .or(() -> Names.only(
                        "model",
                        idOrName,
                        jdbc.query(BY_NAME, ROW, project, idOrName),
                        found -> found.model().status().equals("failed") ? 2 : found.isShared() ? 1 : 0,
                        found -> found.model().id()))
                .map(Found::model);
    }
}
