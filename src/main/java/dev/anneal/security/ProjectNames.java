package dev.anneal.security;

import java.util.List;
import java.util.Set;
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

    /** Returns those of the ids that are ids of projects, in the same order. */
    public List<String> existing(List<String> ids) {
        Set<String> found = jdbc.sql("select id from projects where id = any(:ids)")
                .param("ids", ids.stream().filter(id -> id.indexOf('\0') < 0).toArray(String[]::new))
                .query(String.class)
                .set();
        return ids.stream().filter(found::contains).toList();
    }
}
