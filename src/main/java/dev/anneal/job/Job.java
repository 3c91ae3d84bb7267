package dev.anneal.job;

import dev.anneal.dataset.Subset;
import dev.anneal.job.plan.Checkpointing;
import dev.anneal.job.plan.EarlyStopping;
import dev.anneal.job.plan.JobPlan;
import dev.anneal.job.plan.JobRequest;
import dev.anneal.job.plan.Method;
import dev.anneal.job.plan.TaskOptions;
import dev.anneal.job.plan.Tasks;
import dev.anneal.job.queue.JobQueue;
import dev.anneal.job.queue.JobStatus;
import dev.anneal.job.queue.QueuePlace;
import dev.anneal.json.Json;
import dev.anneal.training.spec.Hyperparameters;
import dev.anneal.transformer.architecture.Task;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.hibernate.annotations.Immutable;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;
import org.springframework.data.domain.Persistable;
import tools.jackson.databind.JsonNode;

/**
 * A fine-tuning job, as it was submitted and as it stands. Written here once, as queued; all that follows is written by
 * {@link JobQueue} and {@link AttemptWriter} in guarded statements, never through a loaded entity.
 */
@Entity
@Immutable
@Table(name = "jobs")
public class Job implements Persistable<String> {
    @Id
    private String id;

    private String project;
    private String name;
    private String task;

    @JdbcTypeCode(SqlTypes.JSON)
    private TaskOptions taskOptions;

    private String baseModel;

    @Column(name = "dataset_id")
    private String dataset;

    @Column(name = "validation_dataset_id")
    private String validationDataset;

    @Column(name = "test_dataset_id")
    private String testDataset;

    @JdbcTypeCode(SqlTypes.JSON)
    private Subset subset;

    @JdbcTypeCode(SqlTypes.JSON)
    private List<String> labels;

    @JdbcTypeCode(SqlTypes.JSON)
    private Method method;

    @JdbcTypeCode(SqlTypes.JSON)
    private Hyperparameters hyperparameters;

    @JdbcTypeCode(SqlTypes.JSON)
    private EarlyStopping earlyStopping;

    @JdbcTypeCode(SqlTypes.JSON)
    private Map<String, String> metadata;

    @Enumerated(EnumType.STRING)
    private JobStatus status;

    private int priority;
    private Long memoryBytes;
    private int attempt;
    private int maxAttempts;

    @JdbcTypeCode(SqlTypes.JSON)
    private Checkpointing checkpoints;

    private Instant nextAttemptAt;
    private boolean pauseRequested;
    private String worker;

    @JdbcTypeCode(SqlTypes.JSON)
    private Map<String, Object> progress;

    @JdbcTypeCode(SqlTypes.JSON)
    private Map<String, Object> best;

    @JdbcTypeCode(SqlTypes.JSON)
    private Map<String, Object> testMetrics;

    @Column(name = "model_id")
    private String model;

    @JdbcTypeCode(SqlTypes.JSON)
    private Map<String, Object> error;

    private Instant createdAt;
    private Instant startedAt;
    private Instant finishedAt;

    protected Job() {}

    Job(String id, String project, JobPlan plan, Checkpointing checkpoints, long memoryBytes, Instant now) {
        JobRequest request = plan.request();
        this.id = id;
        this.project = project;
        this.name = request.name();
        this.task = Tasks.nameOf(plan.task());
        this.taskOptions = plan.taskOptions();
        this.baseModel = request.baseModel();
        this.dataset = request.dataset();
        this.validationDataset = request.validationDataset();
        this.testDataset = request.testDataset();
        this.subset = request.subset();
        this.labels = plan.labels();
        this.method = plan.method();
        this.hyperparameters = plan.hyperparameters();
        this.earlyStopping = request.earlyStopping();
        this.metadata = request.metadata();
        this.maxAttempts = request.maxAttempts();
        this.checkpoints = checkpoints;
        this.status = JobStatus.queued;
        this.priority = request.priority();
        this.memoryBytes = memoryBytes;
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

    public String project() {
        return project;
    }

    public String name() {
        return name;
    }

    public String task() {
        return task;
    }

    /** The task as a trainer knows it. */
    public Task trainedTask() {
        return Tasks.of(task, Boolean.TRUE.equals(taskOptions.multiLabel()));
    }

    public TaskOptions taskOptions() {
        return taskOptions;
    }

    public String baseModel() {
        return baseModel;
    }

    public String dataset() {
        return dataset;
    }

    public String validationDataset() {
        return validationDataset;
    }

    public String testDataset() {
        return testDataset;
    }

    /** Null where all rows for training are trained on. */
    public Subset subset() {
        return subset;
    }

    public List<String> labels() {
        return labels;
    }

    public Method method() {
        return method;
    }

    public Hyperparameters hyperparameters() {
        return hyperparameters;
    }

    public EarlyStopping earlyStopping() {
        return earlyStopping;
    }

    public Checkpointing checkpoints() {
        return checkpoints;
    }

    public JobStatus status() {
        return status;
    }

    /** Null for a job from before memory was estimated. */
    public Long memoryBytes() {
        return memoryBytes;
    }

    public int attempt() {
        return attempt;
    }

    public String model() {
        return model;
    }

    /** As the API shows it, with the metrics of its epochs and, while it is queued, its place. */
    JobView view(List<JsonNode> metrics, QueuePlace queue) {
        return new JobView(
                id,
                name,
                task,
                taskOptions,
                baseModel,
                dataset,
                validationDataset,
                testDataset,
                subset,
                method,
                hyperparameters,
                earlyStopping,
                status,
                priority,
                memoryBytes,
                queue,
                attempt,
                maxAttempts,
                nextAttemptAt,
                checkpoints,
                pauseRequested,
                worker,
                progress,
                metrics,
                best,
                testMetrics,
                model,
                error,
                metadata,
                createdAt,
                startedAt,
                finishedAt);
    }

    @Override
    public String toString() {
        return id + " " + status + " " + Json.write(hyperparameters);
    }
}
