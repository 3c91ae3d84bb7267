package dev.anneal.job;

import dev.anneal.artifact.ArtifactStore;
import dev.anneal.files.DurableFiles;
import dev.anneal.job.checkpoint.JobCheckpoint;
import dev.anneal.job.checkpoint.JobCheckpoints;
import dev.anneal.job.checkpoint.JobFiles;
import dev.anneal.job.queue.JobControl;
import dev.anneal.local.DataDirectory;
import dev.anneal.model.ModelRegistry;
import dev.anneal.model.Models;
import dev.anneal.model.source.ImportFailure;
import dev.anneal.project.Names;
import dev.anneal.text.Ids;
import dev.anneal.training.process.WorkFiles;
import dev.anneal.transformer.ModelFiles;
import dev.anneal.transformer.format.ModelException;
import dev.anneal.web.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.data.domain.Limit;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.util.FileSystemUtils;
import tools.jackson.databind.JsonNode;

/** Publishes checkpoints as models: any of them on request, or the best one when its job is cancelled. */
@Component
class CheckpointPublication {
    private static final Logger log = LoggerFactory.getLogger(CheckpointPublication.class);

    private final Jobs jobs;
    private final JobCheckpoints checkpoints;
    private final JobControl control;
    private final JobMetrics metrics;
    private final JobLineage lineage;
    private final ModelCards cards;
    private final JobFiles files;
    private final Models models;
    private final Names names;
    private final ModelRegistry registry;
    private final ArtifactStore store;
    private final DataDirectory data;
    private final TransactionTemplate transactions;

    CheckpointPublication(
            Jobs jobs,
            JobCheckpoints checkpoints,
            JobControl control,
            JobMetrics metrics,
            JobLineage lineage,
            ModelCards cards,
            JobFiles files,
            Models models,
            Names names,
            ModelRegistry registry,
            ArtifactStore store,
            DataDirectory data,
            TransactionTemplate transactions) {
        this.jobs = jobs;
        this.checkpoints = checkpoints;
        this.control = control;
        this.metrics = metrics;
        this.lineage = lineage;
        this.cards = cards;
        this.files = files;
        this.models = models;
        this.names = names;
        this.registry = registry;
        this.store = store;
        this.data = data;
        this.transactions = transactions;
    }

    /** Publishes a checkpoint as a separate model. Returns the model's id. */
    String publish(Job job, int step) {
        JobCheckpoint checkpoint = checkpoints.of(job.getId()).stream()
                .filter(c -> c.step() == step)
                .findFirst()
                .orElseThrow(() -> Problem.notFound(
                        "checkpoint at step",
                        String.valueOf(step),
                        "GET /api/v1/jobs/" + job.getId() + "/checkpoints lists the stored checkpoints."));
        if (!checkpoint.hasModel()) {
            throw Problem.conflict(
                    "checkpoint_has_no_model",
                    "The checkpoint at step " + step
                            + " was written between two validations and has no model. Choose a checkpoint"
                            + " with a model ('has_model').");
        }
        String id = Ids.next("mdl");
        register(job, checkpoint, id, () -> name(job, step), () -> {});
        return id;
    }

    /** Cancels the job and publishes its best epoch so far as its model. */
    void cancelAndPublishBest(Job job) {
        if (job.status().isTerminal()) {
            control.cancel(job.getId()); // throws the problem
        }
        JobCheckpoint best = checkpoints
                .best(job.getId())
                .orElseThrow(() -> Problem.conflict(
                        "no_best_checkpoint",
                        "No validation has a stored checkpoint yet, so there is nothing to publish. Wait for the next"
                                + " validation, or cancel without 'publish'."));
        String id = ModelRegistry.idFor(job.getId());
        register(job, best, id, job::name, () -> control.cancel(job.getId(), id));
    }

    /** Returns the name of a checkpoint's model, with a number if the checkpoint was published before. */
    private String name(Job job, int step) {
        names.lock(job.project());
        String name = job.name() + ", step " + step;
        Predicate<String> used =
                each -> !models.named(each, job.project(), Limit.of(1)).isEmpty();
        return used.test(name) ? Names.numbered(name, 2, "", used) : name;
    }

    private void register(
            Job job, JobCheckpoint checkpoint, String modelId, Supplier<String> name, Runnable inSameTransaction) {
        String key = "models/" + modelId + "-" + Ids.next("ckpt");
        files.announce(job.getId(), 0, key);
        Path copy = null;
        try {
            copy = Files.createTempDirectory(data.own(), "publish");
            DurableFiles.link(store.get(checkpoint.artifact()).resolve(WorkFiles.MODEL), copy);
            JsonNode figures = metrics(job, checkpoint);
            boolean isOfJob = modelId.equals(ModelRegistry.idFor(job.getId()));
            cards.write(job, isOfJob ? job.name() : job.name() + ", step " + checkpoint.step(), figures, copy);
            ModelFiles inspected = ModelFiles.inspect(copy);
            store.put(key, copy);
            transactions.executeWithoutResult(status -> {
                inSameTransaction.run();
                registry.publish(
                        modelId,
                        job.project(),
                        name.get(),
                        lineage.of(job, checkpoint.step(), figures),
                        inspected,
                        key);
            });
        } catch (IOException | UncheckedIOException | ModelException unreadable) {
            throw refused(job, checkpoint, key, unreadable);
        } catch (Problem refused) {
            files.remove(List.of(key));
            throw refused;
        } finally {
            try {
                FileSystemUtils.deleteRecursively(copy);
            } catch (IOException left) {
                log.warn("cannot remove {}: {}", copy, left.getMessage());
            }
        }
    }

    /** Returns the reason: the checkpoint was removed meanwhile, perhaps with its job, or the store failed. */
    private RuntimeException refused(Job job, JobCheckpoint checkpoint, String key, Exception unreadable) {
        boolean removed = !checkpoints.has(checkpoint);
        if (removed || unreadable instanceof NoSuchFileException) {
            files.remove(List.of(key));
            return removed && !jobs.existsById(job.getId())
                    ? Problem.notFound("job", job.getId())
                    : Problem.conflict(
                            "checkpoint_is_gone",
                            "The checkpoint at step " + checkpoint.step()
                                    + " was just replaced by a newer one. Try again.");
        }
        if (unreadable instanceof ModelException unusable) {
            files.remove(List.of(key));
            return Problem.unprocessable("invalid_model", ImportFailure.sentence(unusable.getMessage()));
        }
        return Problem.storeUnavailable();
    }

    private @Nullable JsonNode metrics(Job job, JobCheckpoint checkpoint) {
        Optional<JsonNode> validation = metrics.of(job.getId()).stream()
                .filter(m -> m.path("step").asInt() == checkpoint.step())
                .findFirst();
        return validation.map(m -> JobLineage.summaryOfEpoch(job, m)).orElse(null);
    }
}
