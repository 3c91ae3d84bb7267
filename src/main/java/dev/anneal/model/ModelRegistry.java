package dev.anneal.model;

import dev.anneal.artifact.ArtifactStore;
import dev.anneal.text.Ids;
import dev.anneal.transformer.ModelFiles;
import dev.anneal.web.Problem;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** Publishes and deletes models. The files are stored before the row makes them visible, and deleted after it. */
@Component
public class ModelRegistry {
    /** Published when a model was deleted, for those who have it in memory. */
    public record ModelDeleted(String modelId, @Nullable String workspace) {}

    /**
     * Published before files are stored that no model names yet, and in the transaction that deletes a model. The files are
     * removed if no model names them later.
     */
    public record FilesAnnounced(String modelId, String artifact) {}

    /** Published again and again while announced files are stored, so that they are not removed. */
    public record FilesRenewed(String artifact) {}

    /**
     * Published in the transaction in which a model begins to name announced files. A listener throws a problem if they were
     * removed meanwhile.
     */
    public record FilesRegistered(String artifact) {}

    private static final Logger log = LoggerFactory.getLogger(ModelRegistry.class);

    private final Models models;
    private final ModelJobs jobs;
    private final ArtifactStore store;
    private final JdbcClient jdbc;
    private final ApplicationEventPublisher publisher;

    ModelRegistry(
            Models models, ModelJobs jobs, ArtifactStore store, JdbcClient jdbc, ApplicationEventPublisher publisher) {
        this.models = models;
        this.jobs = jobs;
        this.store = store;
        this.jdbc = jdbc;
        this.publisher = publisher;
    }

    /** Returns the id of a job's model. It follows from the job's id, so that a job cannot make two models. */
    public static String idFor(String jobId) {
        return jobId.replaceFirst("^job_", "mdl_");
    }

    /** Returns the artifact key of an attempt's model, which is not visible before {@link #publish}. */
    public static String keyFor(String jobId, int attempt) {
        return "models/" + idFor(jobId) + "-" + attempt;
    }

    /** Publishes the model of a job, within the transaction that ends the job, or that of a checkpoint. */
    @Transactional
    public Model publish(
            String id, String project, String name, Model.Lineage lineage, ModelFiles files, String artifact) {
        publisher.publishEvent(new FilesRegistered(artifact));
        Model model = new Model(id, project, name, null, lineage, files, List.of(), artifact, now());
        log.info("publishing {} of {}", model.getId(), lineage.job());
        return models.saveAndFlush(model);
    }

    /** Registers a base model, unless one of that name exists. */
    @Transactional
    public void addBase(String name, ModelFiles files, String artifact) {
        if (jdbc.sql("select pg_advisory_xact_lock(hashtext('base models'))")
                                .query()
                                .listOfRows()
                        != null
                && models.findBase(name, null).isEmpty()) {
            models.saveAndFlush(new Model(
                    Ids.next("mdl"), null, name, null, Model.Lineage.NONE, files, List.of(), artifact, now()));
        }
    }

    /** Registers an uploaded base model. */
    @Transactional
    public Model addImported(
            String id,
            @Nullable String project,
            String name,
            String source,
            ModelFiles files,
            List<String> leftOut,
            String artifact) {
        publisher.publishEvent(new FilesRegistered(artifact));
        return models.saveAndFlush(
                new Model(id, project, name, source, Model.Lineage.NONE, files, leftOut, artifact, now()));
    }

    /** Returns the artifact key of an imported model. */
    static String importedKey(String modelId) {
        return "imports/" + modelId;
    }

    /**
     * Deletes a model that no job needs. A job that is being submitted holds a share lock on the model's row until its own
     * row is visible.
     */
    @Transactional
    public void delete(Model model) {
        jdbc.sql("select id from models where id = ? for update")
                .param(model.getId())
                .query()
                .listOfRows();
        if (jobs.needModel(model)) {
            throw Problem.conflict("model_in_use", "A job that has not ended uses this model. Cancel the job first.");
        }
        jdbc.sql("delete from models where id = ?").param(model.getId()).update();
        String files = model.isReady() ? model.artifact() : importedKey(model.getId());
        publisher.publishEvent(new FilesAnnounced(model.getId(), files));
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                publisher.publishEvent(new ModelDeleted(model.getId(), model.workspace()));
                remove(files);
            }
        });
    }

    private void remove(String files) {
        try {
            store.delete(files);
        } catch (RuntimeException later) {
            log.warn("cannot delete {} now; the sweep will delete it: {}", files, later.getMessage());
        }
    }

    private static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.MICROS);
    }
}
