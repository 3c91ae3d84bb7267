package dev.anneal.event;

import dev.anneal.json.Json;
import dev.anneal.sql.Instants;
import dev.anneal.web.Page;
import dev.anneal.web.Problem;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The events of the rows of a table, numbered 1, 2, 3, … per row in the order of their commits. The table has the columns
 * {@code id}, {@code status} and {@code last_event}; the events are in a second table.
 */
public class EventLog {
    /** The number of the last event of a row, and the status of the row. */
    public record Reached(long lastEvent, String status) {}

    private final JdbcClient jdbc;
    private final String table;
    private final String events;
    private final String reference;

    /** The names become part of SQL statements, so they must be constants. */
    protected EventLog(JdbcClient jdbc, String table, String events, String reference) {
        this.jdbc = jdbc;
        this.table = table;
        this.events = events;
        this.reference = reference;
    }

    /** Adds an event in the caller's transaction. The row lock makes the numbers gapless. */
    protected void add(String id, String type, Object data) {
        jdbc.sql("""
                        with numbered as (update %s set last_event = last_event + 1 where id = :id returning last_event)
                        insert into %s (%s, id, type, data)
                        select :id, last_event, :type, :data::jsonb from numbered""".formatted(table, events, reference))
                .param("id", id)
                .param("type", type)
                .param("data", Json.write(data))
                .update();
    }

    public List<Event> after(String id, long after, int limit) {
        return jdbc.sql("select id, type, created_at, data from %s where %s = ? and id > ? order by id limit ?"
                        .formatted(events, reference))
                .params(id, after, limit)
                .query((row, i) -> new Event(
                        row.getLong("id"),
                        row.getString("type"),
                        Instants.of(row, "created_at"),
                        Json.MAPPER.readTree(row.getString("data"))))
                .list();
    }

    /** Returns the number of an event after which to read. One that is later than the last event would hide those that follow. */
    public long checkedCursor(String id, long after) {
        Reached now = reached(List.of(id)).get(id);
        if (Page.after(after) > 0 && now != null && after > now.lastEvent()) {
            throw Problem.invalid(
                    "after",
                    "unknown_cursor",
                    ("There is no event %d yet: the last one is %d. Set 'after', or the header Last-Event-ID, to the 'id' of the last"
                                    + " event that you received from this stream.")
                            .formatted(after, now.lastEvent()));
        }
        return after;
    }

    /** Returns the last event and the status of each row. It is public because Spring wraps subclasses in proxies. */
    public Map<String, Reached> reached(Collection<String> ids) {
        Map<String, Reached> reached = new HashMap<>();
        jdbc.sql("select id, last_event, status from " + table + " where id = any(:ids)")
                .param("ids", ids.toArray(String[]::new))
                .query(row -> {
                    reached.put(row.getString(1), new Reached(row.getLong(2), row.getString(3)));
                });
        return reached;
    }
}
