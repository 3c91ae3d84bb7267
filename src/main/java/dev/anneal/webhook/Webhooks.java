package dev.anneal.webhook;

import dev.anneal.project.Projects;
import dev.anneal.sql.Instants;
import dev.anneal.text.Ids;
import dev.anneal.web.Problem;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** The webhooks of each project and what was sent to them. */
@Component
public class Webhooks {
    private static final String SELECT =
            "select id, url, events, description, disabled_at, disabled_reason, created_at from webhooks";

    private final JdbcClient jdbc;
    private final Projects projects;
    private final WebhookSettings settings;

    Webhooks(JdbcClient jdbc, Projects projects, WebhookSettings settings) {
        this.jdbc = jdbc;
        this.projects = projects;
        this.settings = settings;
    }

    @Transactional
    public String create(String project, WebhookRequest request) {
        projects.lock(project); // two calls at once must not both take the last place
        long there = jdbc.sql("select count(*) from webhooks where project = ?")
                .param(project)
                .query(Long.class)
                .single();
        if (there >= settings.maxPerProject()) {
            throw Problem.limit(
                    "too_many_webhooks",
                    "The project has reached its limit of webhooks",
                    "anneal.webhooks.max-per-project",
                    settings.maxPerProject());
        }
        String id = Ids.next("wh");
        jdbc.sql("insert into webhooks (id, project, url, events, description, secret, created_at)"
                        + " values (?, ?, ?, ?, ?, ?, now())")
                .param(id)
                .param(project)
                .param(request.url())
                .param(request.events().toArray(String[]::new))
                .param(request.description())
                .param(Signature.newSecret())
                .update();
        return id;
    }

    Optional<WebhookView> find(String project, String id) {
        return jdbc.sql(SELECT + " where project = ? and id = ?")
                .params(project, id)
                .query(Webhooks::view)
                .optional();
    }

    String secret(String id) {
        return jdbc.sql("select secret from webhooks where id = ?")
                .param(id)
                .query(String.class)
                .single();
    }

    List<WebhookView> page(String project, String after, int oneMore) {
        return jdbc.sql(SELECT + " where project = ? and id < ? order by id desc limit ?")
                .params(project, after, oneMore)
                .query(Webhooks::view)
                .list();
    }

    boolean delete(String project, String id) {
        return jdbc.sql("delete from webhooks where project = ? and id = ?")
                        .params(project, id)
                        .update()
                == 1;
    }

    List<DeliveryView> deliveries(String id, String after, int oneMore) {
        return jdbc.sql("select * from webhook_deliveries where webhook_id = ? and id < ? order by id desc limit ?")
                .params(id, after, oneMore)
                .query((row, i) -> new DeliveryView(
                        row.getString("id"),
                        row.getString("type"),
                        row.getString("job_id"),
                        row.getString("status"),
                        row.getInt("attempts"),
                        row.getObject("response_status", Integer.class),
                        row.getString("error"),
                        Instants.orNull(row, "next_attempt_at"),
                        Instants.of(row, "created_at"),
                        Instants.orNull(row, "finished_at")))
                .list();
    }

    private static WebhookView view(ResultSet row, int i) throws SQLException {
        return new WebhookView(
                row.getString("id"),
                row.getString("url"),
                List.of((String[]) row.getArray("events").getArray()),
                row.getString("description"),
                row.getTimestamp("disabled_at") == null ? "active" : "disabled",
                row.getString("disabled_reason"),
                Instants.of(row, "created_at"),
                null);
    }
}
