package dev.anneal.security.audit;

import dev.anneal.text.Ids;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The log of changes. Rows are added, and completed once; the database refuses any other change. */
@Component
public class AuditLog {
    /** The origin of a requested change. */
    record Asked(
            @Nullable String subject,
            @Nullable String name,
            @Nullable String project,
            String operation,
            String address,
            @Nullable String userAgent) {}

    private static final Pattern KEY_ID = Pattern.compile("key_[0-9A-Z]{26}");

    private final JdbcClient jdbc;
    private final int refusedPerMinute;
    private final Counter skipped;
    private long minute;
    private final Map<String, Integer> refused = new HashMap<>();

    AuditLog(JdbcClient jdbc, MeterRegistry meters, AuditSettings settings) {
        this.jdbc = jdbc;
        this.refusedPerMinute = settings.anonymousPerMinute();
        this.skipped = Counter.builder("anneal.audit.skipped")
                .description("Refused calls that were not logged because there were too many")
                .register(meters);
    }

    /**
     * Returns the id of the new row, if one was added. Without a status the request has no answer yet; any other status is that of
     * a request that was refused before the change began.
     */
    @Nullable
    String add(Asked asked, @Nullable String resource, @Nullable Integer status) {
        if (status != null && tooMany(String.valueOf(asked.subject()))) {
            skipped.increment();
            return null;
        }
        String id = Ids.next("aud");
        jdbc.sql("""
                        insert into audit_log
                            (id, subject, name, project, operation, resource, status, address, user_agent)
                        values (?, ?, ?, ?, ?, ?, ?, ?, ?)""")
                .param(id)
                .param(asked.subject())
                .param(asked.name())
                .param(asked.project())
                .param(asked.operation())
                .param(resource)
                .param(status)
                .param(asked.address())
                .param(asked.userAgent())
                .update();
        return id;
    }

    /** Completes a row that was added without a status. */
    void answered(String id, @Nullable String resource, int status) {
        jdbc.sql("update audit_log set status = ?, resource = coalesce(resource, ?) where id = ?")
                .param(status)
                .param(resource)
                .param(id)
                .update();
    }

    /** Limits the rows of refused calls, so that callers without permission cannot fill the disk. */
    private synchronized boolean tooMany(String subject) {
        long now = System.nanoTime() / 60_000_000_000L;
        if (now != minute) {
            minute = now;
            refused.clear();
        }
        return refused.merge(subject, 1, Integer::sum) > refusedPerMinute;
    }

    /**
     * Returns a page. An absent filter matches all rows. An actor is found by id, or by name if no actor has that id: anybody
     * can name a key like another one's id.
     */
    List<AuditEntry> page(
            @Nullable String project, @Nullable String actor, @Nullable String operation, String after, int oneMore) {
        return jdbc.sql("""
                        select id, created_at, subject as actor, name as actor_name, project, operation, resource, status,
                               address, user_agent
                        from audit_log
                        where id < :after
                            and (cast(:project as text) is null or project = :project)
                            and (cast(:actor as text) is null or subject = :actor
                                or :byName and name = :actor and not exists (
                                    select from audit_log where subject = :actor))
                            and (cast(:operation as text) is null or operation = :operation)
                        order by id desc limit :limit""")
                .param("after", after)
                .param("project", project)
                .param("actor", actor)
                .param("byName", actor == null || !KEY_ID.matcher(actor).matches())
                .param("operation", operation)
                .param("limit", oneMore)
                .query(AuditEntry.class)
                .list();
    }
}
