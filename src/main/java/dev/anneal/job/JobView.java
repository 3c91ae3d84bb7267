package dev.anneal.job;

import dev.anneal.job.plan.Tasks;
import dev.anneal.job.queue.JobStatus;
import dev.anneal.job.queue.QueuePlace;
import dev.anneal.spec.Checkpointing;
import dev.anneal.spec.EarlyStopping;
import dev.anneal.spec.Hyperparameters;
import dev.anneal.spec.JobSpec;
import dev.anneal.spec.Method;
import dev.anneal.spec.Replay;
import dev.anneal.spec.Subset;
import dev.anneal.spec.TaskOptions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A job on the wire. */
record JobView(
        String id,
        String name,
        String task,
        TaskOptions taskOptions,
        String baseModel,
        String dataset,
        @Nullable String validationDataset,
        @Nullable String testDataset,
        @Nullable String retainDataset,
        @Nullable Replay replay,
        @Nullable Subset subset,
        @Nullable Integer folds,
        boolean dataCurve,
        Method method,
        Hyperparameters hyperparameters,
        @Nullable EarlyStopping earlyStopping,
        @Nullable List<String> sliceBy,
        @Nullable Map<String, Map<String, List<String>>> terms,
        JobStatus status,
        int priority,
        @Nullable Long memoryBytes,
        @Nullable QueuePlace queue,
        int attempt,
        int maxAttempts,
        @Nullable Instant nextAttemptAt,
        Checkpointing checkpoints,
        boolean pauseRequested,
        @Nullable String worker,
        @Nullable Map<String, Object> progress,
        List<JsonNode> metrics,
        @Nullable Map<String, Object> best,
        @Nullable Map<String, Object> testMetrics,
        @Nullable String model,
        @Nullable Map<String, Object> error,
        Map<String, String> metadata,
        Instant createdAt,
        @Nullable Instant startedAt,
        @Nullable Instant finishedAt) {

    /** @param queue null unless the job is queued */
    static JobView of(Job job, List<JsonNode> metrics, @Nullable QueuePlace queue) {
        JobSpec spec = job.spec;
        return new JobView(
                job.id,
                job.name,
                Tasks.nameOf(spec.task()),
                spec.taskOptions(),
                spec.baseModel(),
                spec.dataset(),
                spec.validationDataset(),
                spec.testDataset(),
                spec.retainDataset(),
                spec.replay(),
                spec.subset(),
                spec.folds(),
                spec.dataCurve(),
                spec.method(),
                job.hyperparameters(),
                spec.earlyStopping(),
                spec.reportOrDefault().sliceBy(),
                spec.reportOrDefault().terms(),
                job.status,
                job.priority,
                job.memoryBytes,
                queue,
                job.attempt,
                job.maxAttempts,
                job.nextAttemptAt,
                spec.checkpoints(),
                job.pauseRequested,
                job.worker,
                job.progress,
                metrics,
                job.best,
                job.testMetrics,
                job.model,
                job.error,
                job.metadata,
                job.createdAt,
                job.startedAt,
                job.finishedAt);
    }
}
