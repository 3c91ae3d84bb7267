package dev.anneal.job;

import dev.anneal.dataset.Dataset;
import dev.anneal.dataset.Datasets;
import dev.anneal.evaluation.Metrics;
import dev.anneal.job.plan.Tasks;
import dev.anneal.json.Json;
import dev.anneal.model.Model;
import dev.anneal.web.Problem;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Describes where a job's model comes from. */
@Component
public class JobLineage {
    private final Jobs jobs;
    private final Datasets datasets;

    JobLineage(Jobs jobs, Datasets datasets) {
        this.jobs = jobs;
        this.datasets = datasets;
    }

    /**
     * @param checkpointStep null for the job's own model
     * @param metrics null if nothing was evaluated
     */
    public Model.Lineage of(Job job, @Nullable Integer checkpointStep, @Nullable JsonNode metrics) {
        // The precision was decided after the job was read, and a job that has ended may have been deleted since.
        Job now = jobs.findById(job.getId())
                .filter(there -> jobs.existsById(there.getId())) // a transaction may hold a job that was deleted since
                .orElseThrow(() -> Problem.notFound("job", job.getId()));
        return new Model.Lineage(
                Tasks.nameOf(job.spec().task()),
                job.spec().baseModel(),
                job.getId(),
                checkpointStep,
                job.spec().dataset(),
                datasets.findById(job.spec().dataset()).map(Dataset::sha256).orElse(null),
                map(Json.MAPPER.valueToTree(now.hyperparameters())),
                metrics == null ? null : map(metrics));
    }

    /** Returns the metrics of a report, without its texts and tables. */
    public static JsonNode summary(Job job, JsonNode report) {
        ObjectNode summary = Json.MAPPER.createObjectNode();
        summary.set("split", report.path("split"));
        summary.set("examples", report.path("examples"));
        return metricsOf(job, report, summary);
    }

    /** Returns the metrics of the validation rows after an epoch. */
    static JsonNode summaryOfEpoch(Job job, JsonNode epoch) {
        ObjectNode summary = Json.MAPPER.createObjectNode();
        summary.put("split", "validation");
        if (epoch.path("validation_loss").isNumber()) {
            summary.set("loss", epoch.path("validation_loss"));
        }
        return metricsOf(job, epoch, summary);
    }

    private static JsonNode metricsOf(Job job, JsonNode from, ObjectNode to) {
        for (String metric : Metrics.of(job.spec().task()).names()) {
            if (from.path(metric).isNumber()) {
                to.set(metric, from.path(metric));
            }
        }
        return to;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(JsonNode node) {
        return Json.MAPPER.convertValue(node, Map.class);
    }
}
