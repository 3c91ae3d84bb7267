package dev.anneal.model;

import java.util.Optional;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.stereotype.Component;

/**
 * Finds models for calls with one short statement: each call asks, so that a model that was deleted is not served any longer.
 * Hibernate would take a transaction and read each column.
 */
@Component
public class ServedModels {
    private static final String FIND = """
            select id, status, kind = 'base' as is_base, task, architecture, parameters, artifact from models
            where (id = ? or (kind = 'base' and name = ?)) and (project is null or project = ?)
            order by project nulls last limit 1""";

    private static final RowMapper<ServedModel> ROW = (row, number) -> new ServedModel(
            row.getString(1),
            row.getString(2),
            row.getBoolean(3),
            row.getString(4),
            row.getString(5),
            row.getObject(6, Long.class),
            row.getString(7));

    private final JdbcTemplate jdbc;

    ServedModels(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /** Finds a model as {@link Models#find} does. */
    public Optional<ServedModel> find(String name, String project) {
        return jdbc.query(FIND, ROW, name, name, project).stream().findFirst();
    }
}
