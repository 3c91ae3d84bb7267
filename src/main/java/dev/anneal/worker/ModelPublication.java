package dev.anneal.worker;

import dev.anneal.artifact.ArtifactStore;
import dev.anneal.job.AttemptWriter;
import dev.anneal.job.Job;
import dev.anneal.job.JobLineage;
import dev.anneal.job.ModelCards;
import dev.anneal.job.StoredPredictions;
import dev.anneal.job.checkpoint.JobFiles;
import dev.anneal.job.queue.Attempt;
import dev.anneal.job.queue.AttemptLostException;
import dev.anneal.json.Json;
import dev.anneal.model.ModelRegistry;
import dev.anneal.model.Models;
import dev.anneal.training.process.WorkFiles;
import dev.anneal.transformer.ModelFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/** Publishes a trained model: first the files to the artifact store, then the model's row and the job's success in one transaction. */
@Component
class ModelPublication {
    private final ModelRegistry registry;
    private final Models models;
    private final ArtifactStore store;
    private final StoreRetry storeRetry;
    private final PredictionStorage storage;
    private final AttemptWriter writer;
    private final JobLineage lineage;
    private final ModelCards cards;
    private final JobFiles stored;
    private final TransactionTemplate transactions;

    ModelPublication(
            ModelRegistry registry,
            Models models,
            ArtifactStore store,
            StoreRetry storeRetry,
            PredictionStorage storage,
            AttemptWriter writer,
            JobLineage lineage,
            ModelCards cards,
            JobFiles stored,
            TransactionTemplate transactions) {
        this.registry = registry;
        this.models = models;
        this.store = store;
        this.storeRetry = storeRetry;
        this.storage = storage;
        this.writer = writer;
        this.lineage = lineage;
        this.cards = cards;
        this.stored = stored;
        this.transactions = transactions;
    }

    void publish(RunningAttempt run, Job job, Path directory, JsonNode done) throws IOException {
        Path reportFile = directory.resolve(WorkFiles.REPORT);
        String report = Files.exists(reportFile) ? Files.readString(reportFile) : null;
        run.retryUntilCommitted(() -> {
            try {
                cards.write(
                        job,
                        job.name(),
                        report == null ? null : Json.MAPPER.readTree(report),
                        directory.resolve(WorkFiles.MODEL));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        // Its tokenizer and template are those of the base model, which was checked when it was imported.
        ModelFiles files = ModelFiles.inspect(directory.resolve(WorkFiles.MODEL));
        Attempt attempt = run.attempt;
        String model = ModelRegistry.idFor(job.getId());
        String artifact = ModelRegistry.keyFor(job.getId(), attempt.number());
        run.retryUntilCommitted(() -> writer.announce(attempt, artifact));
        storeRetry.call(run, "store the model", run::cannotPublish, () -> {
            store.put(artifact, directory.resolve(WorkFiles.MODEL));
            return artifact;
        });
        StoredPredictions predictions = storage.store(run, job, directory);
        List<String> superseded = new ArrayList<>();
        try {
            run.retryUntilCommitted(() -> transactions.executeWithoutResult(status -> {
                superseded.clear();
                superseded.addAll(writer.succeeded(
                        attempt, done.path("best"), done.path("test_metrics"), report, model, predictions));
                registry.publish(
                        model, job.project(), job.name(), lineage.of(job, null, metrics(job, report)), files, artifact);
            }));
        } catch (AttemptLostException lost) {
            // If only the answer to the commit was lost and the call was retried, the files belong to the model.
            boolean committed = models.findById(model)
                    .filter(there -> artifact.equals(there.artifact()))
                    .isPresent();
            if (!committed) {
                stored.remove(Stream.of(artifact, predictions == null ? null : predictions.artifact())
                        .filter(Objects::nonNull)
                        .map(unused -> (String) unused)
                        .toList());
                throw lost;
            }
        }
        stored.remove(superseded);
    }

    private static @Nullable JsonNode metrics(Job job, @Nullable String report) {
        return report == null ? null : JobLineage.summary(job, Json.MAPPER.readTree(report));
    }
}
