package dev.anneal.job;

import dev.anneal.job.plan.JobPlan;
import dev.anneal.job.queue.JobKind;
import dev.anneal.job.queue.JobQueue;
import dev.anneal.job.queue.JobStatus;
import dev.anneal.json.Json;
import dev.anneal.spec.Hyperparameters;
import dev.anneal.spec.JobSpec;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Map;
import org.hibernate.annotations.Immutable;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Persistable;

/**
 * A job: its specification, which never changes, and its state when it was loaded. A job is saved once, as queued. After
 * that only {@link JobQueue} and its neighbours and {@link AttemptWriter} change it, each in a guarded statement.
 */
@Entity
@Immutable
@Table(name = "jobs")
public class Job implements Persistable<String> {
    @Id
    String id;

    String project;

    @Enumerated(EnumType.STRING)
    JobKind kind;

    String name;

    @JdbcTypeCode(SqlTypes.JSON)
    Map<String, String> metadata;

    @JdbcTypeCode(SqlTypes.JSON)
    JobSpec spec;

    int priority;
    int maxAttempts;
    /** Null for a job from before memory was estimated. */
    @Nullable
    Long memoryBytes;

    Instant createdAt;

    @Enumerated(EnumType.STRING)
    JobStatus status;

    int attempt;

    @Nullable
    Instant nextAttemptAt;

    boolean pauseRequested;

    @Nullable
    String worker;
    /** Null until the first attempt has decided it. */
    @Nullable
    String precision;

    @JdbcTypeCode(SqlTypes.JSON)
    @Nullable
    Map<String, Object> progress;

    @JdbcTypeCode(SqlTypes.JSON)
    @Nullable
    Map<String, Object> best;

    @JdbcTypeCode(SqlTypes.JSON)
    @Nullable
    Map<String, Object> testMetrics;

    /** The artifact with the prediction for each row. */
    @Nullable
    String predictions;

    @Column(name = "model_id")
    @Nullable
    String model;

    @JdbcTypeCode(SqlTypes.JSON)
    @Nullable
    Map<String, Object> error;

    @Nullable
    Instant startedAt;

    @Nullable
    Instant finishedAt;

    @SuppressWarnings("NullAway.Init") // Hibernate sets the fields
    protected Job() {}

    Job(String id, String project, String name, JobPlan plan, long memoryBytes, Instant now) {
        this(
                id,
                project,
                JobKind.training,
                name,
                plan.spec(),
                new Choices(
                        plan.request().metadata(),
                        plan.request().priority(),
                        plan.request().maxAttempts()),
                memoryBytes,
                now);
    }

    /** The fields of a request that a job of any kind has. */
    public record Choices(Map<String, String> metadata, int priority, int maxAttempts) {}

    /** Makes a queued job. */
    public Job(
            String id,
            String project,
            JobKind kind,
            String name,
            JobSpec spec,
            Choices choices,
            long memoryBytes,
            Instant now) {
        this.id = id;
        this.project = project;
        this.kind = kind;
        this.name = name;
        this.metadata = choices.metadata();
        this.spec = spec;
        this.priority = choices.priority();
        this.maxAttempts = choices.maxAttempts();
        this.memoryBytes = memoryBytes;
        this.createdAt = now;
        this.status = JobStatus.queued;
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

    public JobKind kind() {
        return kind;
    }

    /** Returns the artifact with the prediction for each row, null if there is none yet. */
    public @Nullable String predictions() {
        return predictions;
    }

    public int priority() {
        return priority;
    }

    public int maxAttempts() {
        return maxAttempts;
    }

    public @Nullable Instant nextAttemptAt() {
        return nextAttemptAt;
    }

    public @Nullable String worker() {
        return worker;
    }

    public @Nullable Map<String, Object> progress() {
        return progress;
    }

    public @Nullable Map<String, Object> testMetrics() {
        return testMetrics;
    }

    public @Nullable Map<String, Object> error() {
        return error;
    }

    public Map<String, String> metadata() {
        return metadata;
    }

    public Instant createdAt() {
        return createdAt;
    }

    public @Nullable Instant startedAt() {
        return startedAt;
    }

    public @Nullable Instant finishedAt() {
        return finishedAt;
    }

    /** Returns whether the job's name means this job. One that failed or was cancelled leaves its name to the next one. */
    boolean hasItsName() {
        return status != JobStatus.failed && status != JobStatus.cancelled;
    }

    public JobSpec spec() {
        return spec;
    }

    /** Returns the hyperparameters, with the precision that the first attempt decided. */
    public Hyperparameters hyperparameters() {
        return precision == null
                ? spec.hyperparameters()
                : spec.hyperparameters().withPrecision(precision);
    }

    public JobStatus status() {
        return status;
    }

    /** Returns null for a job from before memory was estimated. */
    public @Nullable Long memoryBytes() {
        return memoryBytes;
    }

    public int attempt() {
        return attempt;
    }

    public @Nullable String model() {
        return model;
    }

    @Override
    public String toString() {
        return id + " " + status + " " + Json.write(hyperparameters());
    }
}
