package dev.anneal.security;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Checks whether a project exists. The package {@code project} does everything else with projects. */
@Component
public class ProjectNames {
    private final JdbcClient jdbc;

    ProjectNames(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    public boolean exists(String id) {
        return id.indexOf('\0') < 0
                && jdbc.sql("select exists (select from projects where id = ?)")
                        .param(id)
                        .query(Boolean.class)
                        .single();
    }
}
