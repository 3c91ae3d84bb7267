package dev.anneal.worker;

import dev.anneal.job.queue.LeaseSettings;
import dev.anneal.json.Json;
import dev.anneal.role.Sweeps;
import dev.anneal.sql.Instants;
import dev.anneal.text.Ids;
import dev.anneal.worker.executor.Slot;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** The registered workers of all processes. The database's clock decides which are gone. */
@Component
class Workers {
    private static final String VIEW = """
            select id, host, version, slots, started_at, last_seen_at,
                case when last_seen_at < now() - make_interval(secs => :gone) then 'gone' else workers.status end as status,
                (select count(*) from jobs where jobs.status = 'running' and starts_with(jobs.worker, workers.id || '/')) as busy,
                coalesce((select jsonb_agg(device || jsonb_build_object('job', (
                        select min(jobs.id) from jobs
                        where jobs.status = 'running' and jobs.worker = workers.id || '/' || (device ->> 'slot')
                            and (jobs.project = :project or :project is null)))
                    order by number)
                    from jsonb_array_elements(devices) with ordinality as device (device, number)), '[]') as devices
            from workers""";

    private final JdbcClient jdbc;
    private final double goneSeconds;

    Workers(JdbcClient jdbc, MeterRegistry meters, LeaseSettings settings) {
        this.jdbc = jdbc;
        this.goneSeconds = settings.leaseSeconds();
        for (WorkerStatus status : WorkerStatus.values()) {
            Gauge.builder("anneal.workers", this, workers -> workers.count(status))
                    .tag("status", status.name())
                    .description("Workers of all processes")
                    .register(meters);
        }
    }

    WorkerStatus register(String id, List<Slot> slots) {
        List<WorkerView.Device> devices = slots.stream()
                .map(slot -> new WorkerView.Device(slot.name(), slot.device(), slot.memory(), null))
                .toList();
        jdbc.sql("insert into workers (id, host, version, devices, slots) values (?, ?, ?, ?::jsonb, ?)")
                .params(id, Worker.host(), version(), Json.write(devices), slots.size())
                .update();
        return WorkerStatus.active;
    }

    /** Records that the worker is alive. Returns its status, or nothing if it is not registered. */
    Optional<WorkerStatus> seen(String id) {
        return jdbc.sql("update workers set last_seen_at = now() where id = ? returning status")
                .param(id)
                .query((row, i) -> WorkerStatus.valueOf(row.getString(1)))
                .optional();
    }

    void set(String id, WorkerStatus status) {
        jdbc.sql("update workers set status = ? where id = ?")
                .params(status.name(), id)
                .update();
    }

    void remove(String id) {
        jdbc.sql("delete from workers where id = ?").param(id).update();
    }

    @Scheduled(fixedDelay = 3_600_000)
    public void removeLongGone() {
        Sweeps.time(
                "workers",
                () -> jdbc.sql("delete from workers where last_seen_at < now() - interval '1 day'")
                        .update());
    }

    /** Returns a worker with the jobs of the project, or of all projects if it is null. */
    Optional<WorkerView> find(String id, @Nullable String project) {
        return jdbc.sql(VIEW + " where id = :id")
                .param("project", project, Types.VARCHAR)
                .param("id", id)
                .param("gone", goneSeconds)
                .query(this::view)
                .optional();
    }

    /** Returns the workers that follow {@code after}, last started first, with the jobs of the project, or of all if it is null. */
    List<WorkerView> list(@Nullable String project, String after, int limit) {
        return jdbc.sql(VIEW + """
                         where :after = :last or (started_at, id) < (
                            select started_at, id from workers where id = :after)
                        order by started_at desc, id desc limit :limit""")
                .param("project", project, Types.VARCHAR)
                .param("after", after)
                .param("last", Ids.LAST)
                .param("limit", limit)
                .param("gone", goneSeconds)
                .query(this::view)
                .list();
    }

    private long count(WorkerStatus status) {
        return jdbc.sql("""
                        select count(*) from workers where :status = case
                            when last_seen_at < now() - make_interval(secs => :gone) then 'gone' else status end""")
                .param("status", status.name())
                .param("gone", goneSeconds)
                .query(Long.class)
                .single();
    }

    private WorkerView view(ResultSet row, int number) throws SQLException {
        List<WorkerView.Device> devices =
                List.of(Json.MAPPER.readValue(row.getString("devices"), WorkerView.Device[].class));
        return new WorkerView(
                row.getString("id"),
                row.getString("host"),
                row.getString("version"),
                WorkerStatus.valueOf(row.getString("status")),
                row.getInt("slots"),
                row.getLong("busy"),
                devices,
                Instants.of(row, "started_at"),
                Instants.of(row, "last_seen_at"));
    }

    private static String version() {
        String version = Workers.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
