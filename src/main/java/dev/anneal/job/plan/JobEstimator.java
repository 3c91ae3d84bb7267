package dev.anneal.job.plan;

import dev.anneal.artifact.ArtifactStore;
import dev.anneal.dataset.TrainingRows;
import dev.anneal.json.Json;
import dev.anneal.security.Caller;
import dev.anneal.spec.Hyperparameters;
import dev.anneal.training.MemoryEstimate;
import dev.anneal.transformer.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * Estimates steps, memory and time of a job. Steps are {@code epochs * ceil(examples / (batch_size *
 * gradient_accumulation_steps))}. A row is one example, but for a language model a text has one example per
 * {@code max_length} tokens; the first {@value #SAMPLE} texts show how many characters make a token. Memory is a
 * {@link MemoryEstimate}. Seconds are {@code epochs * examples / (examples per second)}, with the mean speed of the last
 * {@value #LATEST} jobs that succeeded on the same base model with the same task and method.
 */
@Component
public class JobEstimator {
    static final int SAMPLE = 200;
    static final int LATEST = 3;

    private final JobPlanner planning;
    private final JobMemory memories;
    private final TrainingRows rows;
    private final ArtifactStore store;
    private final JdbcClient jdbc;

    JobEstimator(JobPlanner planning, JobMemory memories, TrainingRows rows, ArtifactStore store, JdbcClient jdbc) {
        this.planning = planning;
        this.memories = memories;
        this.rows = rows;
        this.store = store;
        this.jdbc = jdbc;
    }

    @Transactional
    public JobEstimate estimate(JobRequest request) {
        JobPlan plan = planning.plan(request);
        Hyperparameters chosen = plan.spec().hyperparameters();
        Path files = store.get(plan.base().artifact());
        MemoryEstimate memory = memories.of(plan);
        long examples = plan.spec().task().isLanguageModel() ? pieces(plan, files) : plan.trainRows();
        long perStep = (long) chosen.batchSize() * chosen.gradientAccumulationSteps();
        return new JobEstimate(
                Tasks.nameOf(plan.spec().task()),
                plan.trainRows(),
                examples,
                chosen.epochs(),
                chosen.epochs() * ((examples + perStep - 1) / perStep),
                memory.weights(),
                memory.trained(),
                memory.bytes(),
                seconds(plan, examples),
                plan.spec().taskOptions(),
                plan.spec().method(),
                chosen);
    }

    private long pieces(JobPlan plan, Path files) {
        Hyperparameters chosen = plan.spec().hyperparameters();
        String dataset = plan.dataset().getId();
        List<String> sample = rows.texts(dataset, plan.request().subset(), chosen.seed(), SAMPLE);
        long characters = 0;
        long tokens = 1;
        try (Tokenizer tokenizer = Tokenizer.load(files, chosen.maxLength())) {
            for (String text : sample) {
                characters += text.length();
                tokens += tokenizer.encodeAll(text, true).length;
            }
        }
        double perPiece = Math.max(1, (double) characters / tokens * chosen.maxLength());
        boolean packed = Boolean.TRUE.equals(plan.spec().taskOptions().packing());
        RowKind kind = RowKind.of(plan.dataset());
        boolean cut = kind == RowKind.COMPLETIONS || kind == RowKind.MESSAGES; // longer rows are truncated
        return cut && !packed
                ? plan.trainRows()
                : rows.pieces(dataset, plan.request().subset(), chosen.seed(), perPiece, packed);
    }

    private @Nullable Double seconds(JobPlan plan, long examples) {
        Double perSecond = jdbc.sql("""
                        select avg((metrics ->> 'examples_per_second')::float8) from job_metrics where job_id in (
                            select id from jobs where project = :project and status = 'succeeded'
                                and spec ->> 'base_model' = :base and spec ->> 'task' = :task
                                and spec -> 'task_options' = :options::jsonb and spec -> 'method' ->> 'type' = :method
                            order by id desc limit :latest)""")
                .param("project", Caller.current().project())
                .param("base", plan.request().baseModel())
                .param("task", plan.spec().task().text())
                .param("options", Json.write(plan.spec().taskOptions()))
                .param("method", plan.spec().method().type())
                .param("latest", LATEST)
                .query(Double.class)
                .optional()
                .orElse(null);
        return perSecond == null || perSecond <= 0
                ? null
                : plan.spec().hyperparameters().epochs() * examples / perSecond;
    }
}
