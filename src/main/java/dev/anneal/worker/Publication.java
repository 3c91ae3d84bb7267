package dev.anneal.worker;

import dev.anneal.artifact.ArtifactStore;
import dev.anneal.job.AttemptWriter;
import dev.anneal.job.Job;
import dev.anneal.job.JobLineage;
import dev.anneal.job.checkpoint.JobFiles;
import dev.anneal.job.queue.Attempt;
import dev.anneal.job.queue.AttemptLostException;
import dev.anneal.json.Json;
import dev.anneal.model.ModelRegistry;
import dev.anneal.model.Models;
import dev.anneal.training.spec.WorkFiles;
import dev.anneal.transformer.ModelFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/** Brings a trained model out: its files into the store, then model and success in one transaction. */
@Component
class Publication {
    private final ModelRegistry registry;
    private final Models models;
    private final ArtifactStore store;
    private final StoreRetry patient;
    private final AttemptWriter record;
    private final JobLineage lineage;
    private final JobFiles stored;
    private final TransactionTemplate transactions;

    Publication(
            ModelRegistry registry,
            Models models,
            ArtifactStore store,
            StoreRetry patient,
            AttemptWriter record,
            JobLineage lineage,
            JobFiles stored,
            TransactionTemplate transactions) {
        this.registry = registry;
        this.models = models;
        this.store = store;
        this.patient = patient;
        this.record = record;
        this.lineage = lineage;
        this.stored = stored;
        this.transactions = transactions;
    }

    void publish(RunningAttempt run, Job job, Path directory) throws IOException {
        ModelFiles files = ModelFiles.inspect(directory.resolve(WorkFiles.MODEL));
        Path reportFile = directory.resolve(WorkFiles.REPORT);
        String report = Files.exists(reportFile) ? Files.readString(reportFile) : null;
        Attempt attempt = run.attempt;
        String model = ModelRegistry.idFor(job.getId());
        String artifact = ModelRegistry.keyFor(job.getId(), attempt.number());
        run.insist(() -> record.announce(attempt, artifact));
        patient.ask(run, "take the model", run::outOfTime, () -> {
            store.put(artifact, directory.resolve(WorkFiles.MODEL));
            return artifact;
        });
        List<String> superseded = new ArrayList<>();
        try {
            run.insist(() -> transactions.executeWithoutResult(status -> {
                superseded.clear();
                superseded.addAll(
                        record.succeeded(attempt, run.done.path("best"), run.done.path("test_metrics"), report, model));
                registry.publish(model, job.name(), lineage.of(job, null, metrics(job, report)), files, artifact);
                stored.handOver(artifact);
            }));
        } catch (AttemptLostException lost) {
            // The answer to a commit may have been lost, too, and the call repeated: then the files are the model's.
            boolean committed = models.findById(model)
                    .filter(there -> artifact.equals(there.artifact()))
                    .isPresent();
            if (!committed) {
                stored.remove(List.of(artifact));
                throw lost;
            }
        }
        stored.remove(superseded);
    }

    private static JsonNode metrics(Job job, String report) {
        return report == null ? null : JobLineage.summary(job, Json.MAPPER.readTree(report));
    }
}
