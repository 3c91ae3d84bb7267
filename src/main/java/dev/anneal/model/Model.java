package dev.anneal.model;

import dev.anneal.transformer.ModelFiles;
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
import org.springframework.data.domain.Persistable;

/** A row of a model whose files are in the artifact store: a base model, or the model of a job with its lineage. */
@Entity
@Immutable
@Table(name = "models")
public class Model implements Persistable<String> {
    /** The origin of a job's model; {@code checkpointStep} is set if it was made from a checkpoint. */
    public record Lineage(
            String task,
            String baseModel,
            String job,
            Integer checkpointStep,
            String dataset,
            String datasetSha256,
            Map<String, Object> hyperparameters,
            Map<String, Object> metrics) {
        static final Lineage NONE = new Lineage(null, null, null, null, null, null, null, null);
    }

    @Id
    private String id;

    // Null for a base model that all projects share.
    private String project;

    private String name;
    private String kind;
    private String architecture;
    private String task;

    @JdbcTypeCode(SqlTypes.JSON)
    private List<String> labels;

    // What the files say is null until the model is ready.
    private Long parameters;
    private Integer maxLength;
    private String baseModel;

    @Column(name = "job_id")
    private String job;

    private Integer checkpointStep;

    @Column(name = "dataset_id")
    private String dataset;

    private String datasetSha256;

    @JdbcTypeCode(SqlTypes.JSON)
    private Map<String, Object> hyperparameters;

    @JdbcTypeCode(SqlTypes.JSON)
    private Map<String, Object> metrics;

    private Long sizeBytes;
    private String sha256;
    private String artifact;
    private String status;
    private String source;
    private String revision;
    private String commitSha;
    private String workspace;

    @JdbcTypeCode(SqlTypes.JSON)
    private Map<String, Object> error;

    @JdbcTypeCode(SqlTypes.JSON)
    private Map<String, Object> progress;

    private Instant createdAt;

    protected Model() {}

    Model(
            String id,
            String project,
            String name,
            String source,
            Lineage lineage,
            ModelFiles files,
            String artifact,
            Instant now) {
        this.id = id;
        this.project = project;
        this.name = name;
        this.status = "ready";
        this.source = source;
        this.kind = lineage.job() == null ? "base" : "fine-tuned";
        this.architecture = files.architecture();
        this.task = lineage.task() != null || files.task() == null
                ? lineage.task()
                : files.task().nameInApi();
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
        this.sizeBytes = files.sizeBytes();
        this.sha256 = files.sha256();
        this.artifact = artifact;
        this.createdAt = now;
    }

    @Override
    public String getId() {
        return id;
    }

    @Override
    public boolean isNew() {
        return true;
    }

    /** Null for a base model that all projects share. */
    public String project() {
        return project;
    }

    public String name() {
        return name;
    }

    /** The task by its name in a trainer's specification; null for a model without a head. */
    public String task() {
        return task;
    }

    /** The labels in the order of the scores; empty if the model is not a classifier. */
    public List<String> labels() {
        return labels == null ? List.of() : labels;
    }

    public boolean isBase() {
        return kind.equals("base");
    }

    /** Whether the model has files; one whose import runs or failed has none. */
    public boolean isReady() {
        return status.equals("ready");
    }

    public String status() {
        return status;
    }

    /** Whether the model is bundled with the server, which would register it again. */
    boolean isBundled() {
        return isBase() && source == null;
    }

    String workspace() {
        return workspace;
    }

    public String architecture() {
        return architecture;
    }

    public long parameters() {
        return parameters;
    }

    public int maxLength() {
        return maxLength;
    }

    public String artifact() {
        return artifact;
    }

    public ModelView view() {
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
                sizeBytes,
                sha256,
                createdAt);
    }
}
