package dev.anneal.job.queue;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The length of the queue and the age of its oldest job, for monitoring. */
@Component
class QueueGauges {
    private final JdbcClient jdbc;

    QueueGauges(JdbcClient jdbc, MeterRegistry meters) {
        this.jdbc = jdbc;
        for (String status : List.of("queued", "running")) {
            Gauge.builder("anneal.jobs", this, gauges -> gauges.counts().getOrDefault(status, 0L))
                    .tag("status", status)
                    .description("Jobs that have not ended")
                    .register(meters);
        }
        Gauge.builder("anneal.queue.oldest", this, QueueGauges::oldestSeconds)
                .baseUnit("seconds")
                .description("Age of the oldest queued job")
                .register(meters);
    }

    private Map<String, Long> counts() {
        Map<String, Long> counts = new HashMap<>();
        jdbc.sql("select status, count(*) from jobs where status in ('queued', 'running') group by status")
                .query(row -> {
                    counts.put(row.getString(1), row.getLong(2));
                });
        return counts;
    }

    /** Returns 0 if no job is queued. */
    private double oldestSeconds() {
        return jdbc.sql("select coalesce(extract(epoch from now() - min(created_at)), 0)::float8 from jobs"
                        + " where status = 'queued'")
                .query(Double.class)
                .single();
    }
}
