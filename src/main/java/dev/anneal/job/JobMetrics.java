package dev.anneal.job;

import dev.anneal.job.queue.JobQueue;
import dev.anneal.json.Json;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
        Gauge.builder("anneal.queue.oldest", queue, JobQueue::oldestSeconds)
                .baseUnit("seconds")
                .description("Age of the oldest queued job")
                .register(meters);
    }

    List<JsonNode> of(String jobId) {
        return of(List.of(jobId)).getOrDefault(jobId, List.of());
    }

    /** Of each job, in the order of its epochs; a job without any is not there. */
    Map<String, List<JsonNode>> of(Collection<String> jobIds) {
        Map<String, List<JsonNode>> metrics = new HashMap<>();
        jdbc.sql("select job_id, metrics from job_metrics where job_id = any(:ids) order by job_id, epoch")
                .param("ids", jobIds.toArray(String[]::new))
                .query(row -> {
                    metrics.computeIfAbsent(row.getString(1), id -> new ArrayList<>())
                            .add(Json.MAPPER.readTree(row.getString(2)));
                });
        return metrics;
    }

    Optional<String> report(String jobId) {
        return jdbc.sql("select report from jobs where id = ? and report is not null")
                .param(jobId)
                .query(String.class)
                .optional();
    }
}
