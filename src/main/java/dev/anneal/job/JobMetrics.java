package dev.anneal.job;

import dev.anneal.json.Json;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** What the epochs and the final report of a job measured. */
@Component
class JobMetrics {
    private final JdbcClient jdbc;

    JobMetrics(JdbcClient jdbc, JobQueue queue, MeterRegistry meters) {
        this.jdbc = jdbc;
        for (String status : List.of("queued", "running")) {
            Gauge.builder("anneal.jobs", queue, q -> q.depths().getOrDefault(status, 0L))
                    .tag("status", status)
                    .description("Jobs that have not ended")
                    .register(meters);
        }
    }

    List<JsonNode> of(String jobId) {
        return jdbc.sql("select metrics from job_metrics where job_id = ? order by epoch")
                .param(jobId)
                .query((row, i) -> Json.MAPPER.readTree(row.getString(1)))
                .list();
    }

    Optional<String> report(String jobId) {
        return jdbc.sql("select report from jobs where id = ? and report is not null")
                .param(jobId)
                .query(String.class)
                .optional();
    }
}
