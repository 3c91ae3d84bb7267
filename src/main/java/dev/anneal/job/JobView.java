package dev.anneal.job;

import dev.anneal.dataset.Subset;
import dev.anneal.job.plan.Checkpointing;
import dev.anneal.job.plan.EarlyStopping;
import dev.anneal.job.plan.Method;
import dev.anneal.job.plan.TaskOptions;
import dev.anneal.job.queue.JobStatus;
import dev.anneal.job.queue.QueuePlace;
import dev.anneal.training.spec.Hyperparameters;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** A job on the wire. */
record JobView(
        String id,
        String name,
        String task,
        TaskOptions taskOptions,
        String baseModel,
        String dataset,
        String validationDataset,
        String testDataset,
        Subset subset,
        Method method,
        Hyperparameters hyperparameters,
        EarlyStopping earlyStopping,
        JobStatus status,
        int priority,
        Long memoryBytes,
        QueuePlace queue,
        int attempt,
        int maxAttempts,
        Instant nextAttemptAt,
        Checkpointing checkpoints,
        boolean pauseRequested,
        String worker,
        Map<String, Object> progress,
        List<JsonNode> metrics,
        Map<String, Object> best,
        Map<String, Object> testMetrics,
        String model,
        Map<String, Object> error,
        Map<String, String> metadata,
        Instant createdAt,
        Instant startedAt,
        Instant finishedAt) {}
