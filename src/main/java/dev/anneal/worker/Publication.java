package dev.anneal.worker;

import dev.anneal.artifact.ArtifactStore;
import dev.anneal.dataset.Dataset;
import dev.anneal.dataset.Datasets;
import dev.anneal.job.Attempt;
import dev.anneal.job.AttemptLost;
import dev.anneal.job.Job;
import dev.anneal.job.JobRecord;
import dev.anneal.job.Jobs;
import dev.anneal.json.Json;
import dev.anneal.model.Model;
import dev.anneal.model.ModelRegistry;
import dev.anneal.training.Metric;
import dev.anneal.training.Trainer;
import dev.anneal.transformer.ModelFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Brings a trained model out: its files into the store, then model and success in one transaction. */
@Component
class Publication {
    private final ModelRegistry registry;
    private final ArtifactStore store;
    private final JobRecord record;
    private final Jobs jobs;
    private final Datasets datasets;
    private final TransactionTemplate transactions;

    Publication(
            ModelRegistry registry,
            ArtifactStore store,
            JobRecord record,
            Jobs jobs,
            Datasets datasets,
            TransactionTemplate transactions) {
        this.registry = registry;
        this.store = store;
        this.record = record;
        this.jobs = jobs;
        this.datasets = datasets;
        this.transactions = transactions;
    }

    void publish(Job job, Attempt attempt, Path directory, JsonNode done) throws IOException {
        ModelFiles files = ModelFiles.inspect(directory.resolve(Trainer.MODEL));
        Path reportFile = directory.resolve("report.json");
        String report = Files.exists(reportFile) ? Files.readString(reportFile) : null;
        String artifact = registry.store(job.getId(), attempt.number(), directory.resolve(Trainer.MODEL));
        try {
            transactions.executeWithoutResult(status -> {
                registry.publish(job.name(), lineage(job, report), files, artifact);
                record.succeeded(
                        attempt,
                        done.path("best"),
                        done.path("test_metrics"),
                        report,
                        ModelRegistry.idFor(job.getId()));
            });
        } catch (AttemptLost lost) {
            // On any other fault the transaction may have been committed all the same: then the files are needed.
            store.delete(artifact);
            throw lost;
        }
    }

    private Model.Lineage lineage(Job job, String report) {
        // Read anew: the precision was decided while it ran.
        Job now = jobs.findById(job.getId()).orElseThrow();
        return new Model.Lineage(
                job.task(),
                job.baseModel(),
                job.getId(),
                job.dataset(),
                datasets.findById(job.dataset()).map(Dataset::sha256).orElse(null),
                map(Json.MAPPER.valueToTree(now.hyperparameters())),
                report == null ? null : map(summary(job, Json.MAPPER.readTree(report))));
    }

    /** The figures of the report, without the texts and tables. */
    private static JsonNode summary(Job job, JsonNode report) {
        ObjectNode summary = Json.MAPPER.createObjectNode();
        summary.set("split", report.path("split"));
        summary.set("examples", report.path("examples"));
        for (String metric : Metric.of(job.trainedTask())) {
            if (report.path(metric).isNumber()) {
                summary.set(metric, report.path(metric));
            }
        }
        return summary;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(JsonNode node) {
        return Json.MAPPER.convertValue(node, Map.class);
    }
}
