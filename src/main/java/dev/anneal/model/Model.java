package dev.anneal.model;

import dev.anneal.transformer.ModelFiles;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.web.Problem;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.hibernate.annotations.Immutable;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Persistable;

/** A row of a model whose files are in the artifact store: a base model, or the model of a job with its lineage. */
@Entity
@Immutable
@Table(name = "models")
public class Model implements Persistable<String> {
    /** The origin of a job's model; {@code checkpointStep} is set if it was made from a checkpoint. */
    public record Lineage(
            @Nullable String task,
            @Nullable String baseModel,
            @Nullable String job,
            @Nullable Integer checkpointStep,
            @Nullable String dataset,
            @Nullable String datasetSha256,
            @Nullable Map<String, Object> hyperparameters,
            @Nullable Map<String, Object> metrics) {
        static final Lineage NONE = new Lineage(null, null, null, null, null, null, null, null);
    }

    @Id
    private String id;

    /** Null for a base model that all projects share. */
    private @Nullable String project;

    private String name;
    private String kind;
    private @Nullable String architecture;
    private @Nullable String task;

    @JdbcTypeCode(SqlTypes.JSON)
    private @Nullable List<String> labels;

    // Facts from the files are null until the model is ready.
    private @Nullable Long parameters;
    private @Nullable Integer maxLength;
    private @Nullable String baseModel;

    @Column(name = "job_id")
    private @Nullable String job;

    private @Nullable Integer checkpointStep;

    @Column(name = "dataset_id")
    private @Nullable String dataset;

    private @Nullable String datasetSha256;

    @JdbcTypeCode(SqlTypes.JSON)
    private @Nullable Map<String, Object> hyperparameters;

    @JdbcTypeCode(SqlTypes.JSON)
    private @Nullable Map<String, Object> metrics;

    /** The files of an uploaded zip that were not stored. */
    @JdbcTypeCode(SqlTypes.JSON)
    private List<String> filesLeftOut = List.of();

    private @Nullable Long sizeBytes;
    private @Nullable String sha256;
    private @Nullable String artifact;
    private String status;
    private @Nullable String source;
    private @Nullable String revision;
    private @Nullable String commitSha;
    private @Nullable String workspace;

    @JdbcTypeCode(SqlTypes.JSON)
    private @Nullable Map<String, Object> error;

    @JdbcTypeCode(SqlTypes.JSON)
    private @Nullable Map<String, Object> progress;

    private Instant createdAt;

    @SuppressWarnings("NullAway.Init") // for JPA, which sets the fields
    protected Model() {}

    Model(
            String id,
            @Nullable String project,
            String name,
            @Nullable String source,
            Lineage lineage,
            ModelFiles files,
            List<String> filesLeftOut,
            String artifact,
            Instant now) {
        this.id = id;
        this.project = project;
        this.name = name;
        this.status = "ready";
        this.source = source;
        this.kind = lineage.job() == null ? "base" : "fine-tuned";
        this.architecture = files.architecture();
        Task task = files.task();
        this.task = lineage.task() != null || task == null ? lineage.task() : task.nameInApi();
        this.labels = files.labels();
        this.parameters = files.parameters();
        this.maxLength = files.maxLength();
        this.baseModel = lineage.baseModel();
        this.job = lineage.job();
        this.checkpointStep = lineage.checkpointStep();
        this.dataset = lineage.dataset();
        this.datasetSha256 = lineage.datasetSha256();
        this.hyperparameters = lineage.hyperparameters();
        this.metrics = lineage.metrics();
        this.filesLeftOut = filesLeftOut;
        this.sizeBytes = files.sizeBytes();
        this.sha256 = files.sha256();
        this.artifact = artifact;
        this.createdAt = now;
    }

    /** Returns a model that is being imported: it has a row before it has files. */
    static Model importing(
            String id,
            @Nullable String project,
            String name,
            String source,
            @Nullable String revision,
            String workspace,
            Instant now) {
        Model model = new Model();
        model.id = id;
        model.project = project;
        model.name = name;
        model.kind = "base";
        model.labels = List.of();
        model.status = "importing";
        model.source = source;
        model.revision = revision;
        model.workspace = workspace;
        model.createdAt = now;
        return model;
    }

    @Override
    public String getId() {
        return id;
    }

    @Override
    public boolean isNew() {
        return true;
    }

    /** Returns null for a base model that all projects share. */
    public @Nullable String project() {
        return project;
    }

    public String name() {
        return name;
    }

    /** The task by its name in a trainer's specification; null for a model without a head. */
    public @Nullable String task() {
        return task;
    }

    /** The labels in the order of the scores; empty if the model is not a classifier. */
    public List<String> labels() {
        return labels == null ? List.of() : labels;
    }

    public boolean isBase() {
        return kind.equals("base");
    }

    /** Returns whether the model has files; one whose import runs or failed has none. */
    public boolean isReady() {
        return status.equals("ready");
    }

    public String status() {
        return status;
    }

    /** Returns the problem for a call of a model that has no files yet, or never will. */
    public Problem notReady() {
        return served().notReady(name);
    }

    /** Returns whether the model is bundled with the server, which would register it again. */
    public boolean isBundled() {
        return isBase() && source == null;
    }

    @Nullable
    String workspace() {
        return workspace;
    }

    /** The architecture of a ready model. */
    public String architecture() {
        return ready(architecture);
    }

    /** The number of parameters of a ready model. */
    public long parameters() {
        return ready(parameters);
    }

    /** The length limit of a ready model, in tokens. */
    public int maxLength() {
        return ready(maxLength);
    }

    /** The artifact key of a ready model. */
    public String artifact() {
        return ready(artifact);
    }

    private <T> T ready(@Nullable T fact) {
        if (fact == null) {
            throw new IllegalStateException("model " + id + " has no files yet");
        }
        return fact;
    }

    /** Returns what a call of the model needs. */
    public ServedModel served() {
        return new ServedModel(id, status, isBase(), task, architecture, parameters, artifact);
    }

    /**
     * Returns the model on the wire.
     *
     * @param serving null if this server has not loaded it
     * @param health null if this server calls it
     */
    public ModelView view(@Nullable Serving serving, @Nullable Health health) {
        return new ModelView(
                id,
                name,
                kind,
                status,
                error,
                progress,
                source,
                commitSha == null ? revision : commitSha,
                architecture,
                task,
                labels(),
                parameters,
                maxLength,
                baseModel,
                job,
                checkpointStep,
                dataset,
                datasetSha256,
                hyperparameters,
                metrics,
                filesLeftOut,
                sizeBytes,
                sha256,
                serving,
                health,
                createdAt);
    }
}
