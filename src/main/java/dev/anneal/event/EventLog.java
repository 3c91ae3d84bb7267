package dev.anneal.event;

import dev.anneal.json.Json;
import dev.anneal.sql.Instants;
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
