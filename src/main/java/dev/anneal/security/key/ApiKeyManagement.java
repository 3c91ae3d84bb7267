package dev.anneal.security.key;

import dev.anneal.security.Caller;
import dev.anneal.security.ProjectNames;
import dev.anneal.security.Role;
import dev.anneal.sql.Instants;
import dev.anneal.web.Problem;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** Creates, lists and revokes keys. The admin of a project sees and creates keys of that project only. */
@Component
class ApiKeyManagement {
    private static final String SELECT = "select id, name, role, project, prefix, last_four, created_by, created_at,"
            + " expires_at, revoked_at, last_used_at from api_keys where (cast(:project as text) is null or project = :project)";

    private final JdbcClient jdbc;
    private final ApiKeyAuthenticator keys;
    private final ProjectNames projects;

    ApiKeyManagement(JdbcClient jdbc, ApiKeyAuthenticator keys, ProjectNames projects) {
        this.jdbc = jdbc;
        this.keys = keys;
        this.projects = projects;
    }

    @Transactional
    KeyView create(NewKey asked, Caller caller) {
        if (!caller.serverAdmin()) {
            boolean own = asked.project() == null || asked.project().equals(caller.project());
            if (!own || asked.role().ordinal() > caller.role().ordinal()) {
                throw own
                        ? new Problem(
                                HttpStatus.FORBIDDEN, "forbidden", "You cannot grant a role higher than your own.")
                        : unknownProject(asked.project());
            }
        } else if (asked.project() == null && asked.role() != Role.admin) {
            throw Problem.invalid(
                    "project", "required", "'project' is required. Only a key of the server's admin has none.");
        } else if (asked.project() != null && !projects.exists(asked.project())) {
            throw unknownProject(asked.project());
        }
        NewKey key = caller.serverAdmin() ? asked : asked.in(caller.project());
        String secret = ApiKeyAuthenticator.newSecret();
        String id = keys.add(secret, key, caller.subject());
        return find(id, null).orElseThrow().with(secret);
    }

    private static Problem unknownProject(@Nullable String project) {
        return Problem.invalid("project", "unknown_project", "There is no project '" + Problem.quote(project) + "'.");
    }

    Optional<KeyView> find(String id, @Nullable String project) {
        return jdbc.sql(SELECT + " and id = :id")
                .param("project", project)
                .param("id", id)
                .query(ApiKeyManagement::view)
                .optional();
    }

    List<KeyView> page(@Nullable String project, String after, int oneMore) {
        return jdbc.sql(SELECT + " and id < :after order by id desc limit :limit")
                .param("project", project)
                .param("after", after)
                .param("limit", oneMore)
                .query(ApiKeyManagement::view)
                .list();
    }

    /** Revokes a key, but never the last valid one of the server's admin. Revoking a key twice has no effect. */
    @Transactional
    void revoke(String id) {
        // One at a time: two admins must not revoke each other's keys.
        jdbc.sql("select pg_advisory_xact_lock(hashtext('admin key'))").query().listOfRows();
        int revoked = jdbc.sql("""
                        update api_keys set revoked_at = coalesce(revoked_at, now()) where id = :id
                        and (revoked_at is not null or project is not null or exists (
                            select from api_keys where id <> :id and project is null and revoked_at is null
                                and (expires_at is null or expires_at > now())))""").param("id", id).update();
        if (revoked == 0) {
            throw Problem.conflict(
                    "last_admin_key",
                    "This is the last key of the server's admin. Create another one before you revoke it.");
        }
    }

    private static KeyView view(ResultSet row, int i) throws SQLException {
        return new KeyView(
                row.getString("id"),
                row.getString("name"),
                Role.valueOf(row.getString("role")),
                row.getString("project"),
                row.getString("prefix"),
                row.getString("last_four"),
                row.getString("created_by"),
                Instants.of(row, "created_at"),
                Instants.orNull(row, "expires_at"),
                Instants.orNull(row, "revoked_at"),
                Instants.orNull(row, "last_used_at"),
                null);
    }
}
