package dev.anneal.security;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Which projects there are; all else about them is the package project's. */
@Component
class ProjectNames {
    private final JdbcClient jdbc;

    ProjectNames(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    boolean exists(String id) {
        return id.indexOf('\0') < 0
                && jdbc.sql("select exists (select from projects where id = ?)")
                        .param(id)
                        .query(Boolean.class)
                        .single();
    }
}
