package dev.anneal.job.plan;

import dev.anneal.dataset.DatasetRows;
import dev.anneal.dataset.rows.TrainingRows;
import dev.anneal.host.message.HostRequest;
import dev.anneal.host.message.RowsMessage;
import dev.anneal.hosting.CallLimits;
import dev.anneal.hosting.HostPool;
import dev.anneal.json.Json;
import dev.anneal.project.Quotas;
import dev.anneal.security.Caller;
import dev.anneal.spec.JobSpec;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.web.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/**
 * Checks the first rows of a job before it is queued: a model host makes examples of them as the trainer would. So a request
 * learns at once that the chat template of the base model refuses its conversations. If no host answers in time, or
 * many requests wait for one, the job is queued without this check.
 */
@Component
public class FirstRows {
    private static final Logger log = LoggerFactory.getLogger(FirstRows.class);
    private static final int ROWS = 20;
    private static final int CHARACTERS = 20_000;
    /** Shorter than the time that most clients wait for an answer. */
    private static final int SECONDS = 5;

    /** The most requests that wait for a host, each with its thread. Further ones are not checked. */
    private static final int MAX_WAITING = 16;

    private final JobPlanner planning;
    private final PlanLimit plans;
    private final TrainingRows training;
    private final DatasetRows rows;
    private final Quotas quotas;
    private final HostPool hosts;
    private final CallLimits limits;
    private final TransactionTemplate transactions;
    private final Semaphore places = new Semaphore(MAX_WAITING);

    /** A row as the trainer reads it, and the field of the request that names its dataset. */
    private record Row(String field, String dataset, String split, JsonNode content, int characters) {
        static Row of(String field, String dataset, String split, String line) {
            return new Row(field, dataset, split, Json.MAPPER.readTree(line), line.length());
        }
    }

    FirstRows(
            JobPlanner planning,
            PlanLimit plans,
            TrainingRows training,
            DatasetRows rows,
            Quotas quotas,
            HostPool hosts,
            CallLimits limits,
            TransactionTemplate transactions) {
        this.planning = planning;
        this.plans = plans;
        this.training = training;
        this.rows = rows;
        this.quotas = quotas;
        this.hosts = hosts;
        this.limits = limits;
        this.transactions = transactions;
    }

    /** Throws a problem that names the row which the trainer would refuse. */
    public void check(JobRequest request) {
        JobPlan plan;
        try {
            String project = Caller.current().project();
            plan = plans.within(
                    project,
                    () -> Objects.requireNonNull(transactions.execute(status -> {
                        quotas.oneMoreQueuedJob(project);
                        return planning.plan(request);
                    })));
        } catch (Problem refused) {
            return; // the submission refuses it in the same way
        }
        boolean mayBeRefused = plan.spec().task() == Task.MASKED_LM || RowKind.of(plan.dataset()) == RowKind.MESSAGES;
        if (mayBeRefused && places.tryAcquire()) {
            try {
                check(plan);
            } finally {
                places.release();
            }
        }
    }

    private void check(JobPlan plan) {
        List<Row> first = first(plan.spec());
        RowsMessage.Checked checked = ask(plan, first);
        if (checked != null && checked.reason() != null) {
            throw refusal(plan, checked.row() == null ? null : first.get(checked.row()), checked.reason());
        }
    }

    private List<Row> first(JobSpec spec) {
        List<Row> first = new ArrayList<>();
        training.first(spec.dataset(), spec.subset(), spec.hyperparameters().seed(), ROWS, CHARACTERS)
                .forEach(row -> first.add(Row.of("dataset", spec.dataset(), "train", row)));
        evaluation(first, "validation_dataset", spec.validationDataset(), spec.dataset(), "validation");
        evaluation(first, "test_dataset", spec.testDataset(), spec.dataset(), "test");
        if (spec.replay() != null) {
            evaluation(first, "replay.dataset", spec.replay().dataset(), spec.dataset(), "train");
        }
        return first;
    }

    private void evaluation(List<Row> first, String field, @Nullable String named, String dataset, String split) {
        List<String> found = named == null
                ? rows.first(dataset, split, ROWS, CHARACTERS)
                : rows.first(named, null, ROWS, CHARACTERS);
        found.forEach(row ->
                first.add(Row.of(named == null ? "dataset" : field, named == null ? dataset : named, split, row)));
    }

    private RowsMessage.@Nullable Checked ask(JobPlan plan, List<Row> first) {
        Caller caller = Caller.current();
        RowsMessage message =
                new RowsMessage(plan.spec(), first.stream().map(Row::content).toList());
        long characters = first.stream().mapToLong(Row::characters).sum();
        try (CallLimits.Permit permit =
                limits.predict(plan.base().getId(), caller.project(), caller.subject(), first.size(), characters)) {
            CompletableFuture<JsonNode> answer = hosts.call(
                    plan.base().served(), HostRequest.ROWS, caller.project(), caller.subject(), message, piece -> {});
            try {
                return Json.MAPPER.treeToValue(answer.get(SECONDS, TimeUnit.SECONDS), RowsMessage.Checked.class);
            } finally {
                answer.cancel(false);
            }
        } catch (Problem | ExecutionException | TimeoutException unavailable) {
            log.info("the first rows of a job are not checked: {}", unavailable.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return null;
    }

    private static Problem refusal(JobPlan plan, @Nullable Row row, String reason) {
        if (row == null) {
            return Problem.invalid("base_model", "base_model_does_not_fit", reason);
        }
        return Problem.invalid(
                row.field(),
                "row_does_not_fit",
                "Row %d of the dataset '%s' (split %s) cannot be used with the base model '%s'. %s"
                        .formatted(
                                row.content().path("row").asLong(),
                                row.dataset(),
                                row.split(),
                                plan.base().name(),
                                reason));
    }
}
