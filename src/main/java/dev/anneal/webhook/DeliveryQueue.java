package dev.anneal.webhook;

import dev.anneal.role.Sweeps;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * The queue of messages to webhooks. A process claims one, which counts as an attempt and holds a lease; each write
 * names the attempt, so that one that comes late changes nothing. All times are the database's.
 */
@Component
public class DeliveryQueue {
    /** An attempt at one message. */
    record Attempt(
            String id,
            String project,
            String webhookId,
            String url,
            String secret,
            String type,
            String body,
            int number) {}

    private final JdbcClient jdbc;
    private final WebhookSettings settings;

    DeliveryQueue(JdbcClient jdbc, WebhookSettings settings) {
        this.jdbc = jdbc;
        this.settings = settings;
    }

    /** Claims the delivery that has been due longest. A delivery for a job waits until all earlier ones for it were tried once. */
    @Transactional
    public Optional<Attempt> claim() {
        return jdbc.sql("""
                        update webhook_deliveries d
                        set attempts = d.attempts + 1, lease_until = now() + make_interval(secs => :lease)
                        from webhooks w
                        where w.id = d.webhook_id and d.id = (
                            select due.id from webhook_deliveries due
                            where due.status = 'pending' and due.next_attempt_at <= now()
                              and (due.lease_until is null or due.lease_until < now())
                              and due.webhook_id not in (
                                  select webhook_id from webhook_deliveries
                                  where status = 'pending' and lease_until >= now()
                                  group by webhook_id having count(*) >= :parallel)
                              and not exists (
                                  select from webhook_deliveries before
                                  where before.webhook_id = due.webhook_id and before.job_id = due.job_id
                                    and before.seq < due.seq and before.status = 'pending'
                                    and (before.attempts = 0 or before.attempts = 1 and before.lease_until is not null))
                            order by due.next_attempt_at, due.seq limit 1
                            for no key update skip locked)
                        returning d.id, w.project, d.webhook_id, w.url, w.secret, d.type, d.body, d.attempts as number""")
                .param("lease", settings.lease().toMillis() / 1000.0)
                .param("parallel", settings.parallel())
                .query(Attempt.class)
                .optional();
    }

    boolean delivered(Attempt attempt, int status) {
        return end(attempt, "delivered", status, null);
    }

    boolean failed(Attempt attempt, @Nullable Integer status, String error) {
        return end(attempt, "failed", status, error);
    }

    private boolean end(Attempt attempt, String status, @Nullable Integer response, @Nullable String error) {
        return jdbc.sql("""
                        update webhook_deliveries
                        set status = :status, finished_at = now(), next_attempt_at = null, lease_until = null,
                            response_status = :response, error = :error
                        where id = :id and attempts = :attempt and status = 'pending'""")
                        .param("status", status)
                        .param("response", response)
                        .param("error", error)
                        .param("id", attempt.id())
                        .param("attempt", attempt.number())
                        .update()
                == 1;
    }

    /** Schedules another attempt. Returns false if it would be too late. */
    boolean retry(Attempt attempt, Duration wait, @Nullable Integer response, String error) {
        return jdbc.sql("""
                        update webhook_deliveries
                        set next_attempt_at = now() + make_interval(secs => :wait), lease_until = null,
                            response_status = :response, error = :error
                        where id = :id and attempts = :attempt and status = 'pending'
                          and now() + make_interval(secs => :wait) <= created_at + make_interval(secs => :end)""")
                        .param("wait", wait.toMillis() / 1000.0)
                        .param("end", settings.giveUpSeconds())
                        .param("response", response)
                        .param("error", error)
                        .param("id", attempt.id())
                        .param("attempt", attempt.number())
                        .update()
                == 1;
    }

    /** Disables the webhook: neither new nor waiting messages are sent. */
    @Transactional
    public void disable(String webhookId, String reason) {
        jdbc.sql("update webhooks set disabled_at = now(), disabled_reason = ? where id = ? and disabled_at is null")
                .params(reason, webhookId)
                .update();
        jdbc.sql("""
                        update webhook_deliveries
                        set status = 'failed', finished_at = now(), next_attempt_at = null, lease_until = null, error = ?
                        where webhook_id = ? and status = 'pending'""").params("the webhook was disabled", webhookId).update();
    }

    long pending() {
        return jdbc.sql("select count(*) from webhook_deliveries where status = 'pending'")
                .query(Long.class)
                .single();
    }

    @Scheduled(fixedDelay = 3_600_000)
    void prune() {
        Sweeps.time(
                "webhook_deliveries",
                () -> jdbc.sql("delete from webhook_deliveries where finished_at < now() - make_interval(secs => ?)")
                        .param(settings.keep().toSeconds() * 1.0)
                        .update());
    }
}
