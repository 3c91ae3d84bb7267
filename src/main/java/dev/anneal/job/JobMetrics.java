package dev.anneal.job;

import dev.anneal.evaluation.curve.LearningCurve;
import dev.anneal.evaluation.curve.Published;
import dev.anneal.json.Json;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Reads the metrics of a job's validations and its final report. */
@Component
public class JobMetrics {
    private static final String VALIDATIONS = """
            select job_id, metrics from (
                select job_id, epoch, null as step, metrics from job_metrics
                union all select job_id, epoch, step, metrics from job_validations) as validations
            where job_id = any(:ids) order by job_id, epoch, step nulls last""";

    private final JdbcClient jdbc;

    JobMetrics(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    List<JsonNode> of(String jobId) {
        return of(List.of(jobId)).getOrDefault(jobId, List.of());
    }

    /**
     * Returns the metrics of each job's epochs, and of the validations within them, in their order; a job without any is not in the map.
     */
    Map<String, List<JsonNode>> of(Collection<String> jobIds) {
        Map<String, List<JsonNode>> metrics = new HashMap<>();
        jdbc.sql(VALIDATIONS).param("ids", jobIds.toArray(String[]::new)).query(row -> {
            metrics.computeIfAbsent(row.getString(1), id -> new ArrayList<>())
                    .add(Json.MAPPER.readTree(row.getString(2)));
        });
        return metrics;
    }

    /** Returns what the losses of a job's epochs say. */
    LearningCurve learningCurve(Job job) {
        List<JsonNode> metrics = of(job.getId());
        JsonNode best = Json.MAPPER.valueToTree(job.best);
        List<LearningCurve.Epoch> epochs = metrics.stream()
                .map(epoch -> new LearningCurve.Epoch(
                        epoch.path("epoch").asInt(),
                        epoch.path("step").asInt(),
                        epoch.path("within_epoch").asBoolean(false),
                        epoch.path("train_loss").asDouble(),
                        epoch.path("validation_loss").isNumber()
                                ? epoch.path("validation_loss").asDouble()
                                : null))
                .toList();
        return LearningCurve.of(
                epochs,
                metrics.stream()
                        .filter(each -> Published.isOf(best, each))
                        .map(each -> each.path("step").asInt())
                        .findFirst()
                        .orElse(null));
    }

    public Optional<String> report(String jobId) {
        return jdbc.sql("select report from jobs where id = ? and report is not null")
                .param(jobId)
                .query(String.class)
                .optional();
    }
}
