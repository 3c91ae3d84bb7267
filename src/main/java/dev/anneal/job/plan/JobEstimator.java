package dev.anneal.job.plan;

import dev.anneal.dataset.rows.TrainingRows;
import dev.anneal.dataset.statistics.RowTokenizer;
import dev.anneal.dataset.statistics.TokenStatistics;
import dev.anneal.evaluation.forgetting.Forgetting;
import dev.anneal.evaluation.linear.FeatureHead;
import dev.anneal.host.message.HostRequest;
import dev.anneal.host.message.TokenizeMessage;
import dev.anneal.hosting.CallLimits;
import dev.anneal.hosting.HostPool;
import dev.anneal.json.Json;
import dev.anneal.security.Caller;
import dev.anneal.spec.FewShot;
import dev.anneal.spec.Hyperparameters;
import dev.anneal.training.MemoryEstimate;
import dev.anneal.transformer.architecture.LongTexts;
import dev.anneal.transformer.architecture.Task;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/**
 * Estimates steps, memory and time of a job. Steps are {@code epochs * ceil(examples / (batch_size *
 * gradient_accumulation_steps))}. A row is one example, but for a language model a text has one example per
 * {@code max_length} tokens, and a long row of tagged words, or a long text with {@code long_texts: windows}, has one per window;
 * the first {@value #SAMPLE} texts show how many characters make a token. Memory is a
 * {@link MemoryEstimate}. Seconds are {@code (epochs * examples) / (examples per second)} and, for the evaluations,
 * {@code examples / (evaluated per second)}, with the mean speeds of the last {@value #LATEST} jobs that succeeded on the same base
 * model with the same task and method. The validation rows are evaluated after each epoch, with {@code eval_steps} also within it, for
 * a language model also before the first one; the report evaluates the test rows, or the validation rows if there are none. The report
 * of a classifier on test rows needs the validation rows, too. What was forgotten is computed with both models on a bounded number of texts. Rows of
 * {@code replay} count as training rows, with as many examples each. With the method {@code few_shot}, the examples are pairs of rows. With folds or a data curve, other models are trained and
 * evaluated besides.
 */
@Component
public class JobEstimator {
    private static final Logger log = LoggerFactory.getLogger(JobEstimator.class);
    static final int SAMPLE = 200;
    static final int CHARACTERS = 4000;
    static final int LATEST = 3;
    private static final int MOST_SPECIAL_TOKENS = 4;
    /** Shorter than the time that most clients wait for an answer. */
    private static final int TRUNCATION_SECONDS = 10;
    /** The share of the forward pass in a training step, if no evaluation was measured. */
    private static final double FORWARD_SHARE = 1.0 / 3;
    /** The shares of the rows that the models of a data curve are trained on, besides that of the job. */
    private static final List<Double> CURVE = List.of(0.1, 0.25, 0.5);

    private final JobPlanner planning;
    private final PlanLimit plans;
    private final JobMemory memories;
    private final TrainingRows rows;
    private final HostPool hosts;
    private final CallLimits limits;
    private final JobTokenizer tokenizer;
    private final TokenStatistics tokens;
    private final JdbcClient jdbc;
    private final TransactionTemplate transactions;
    /** Each counts the texts of a dataset, with a connection. */
    private final ExecutorService threads = Executors.newFixedThreadPool(4, task -> {
        Thread thread = new Thread(task, "estimate");
        thread.setDaemon(true);
        return thread;
    });

    JobEstimator(
            JobPlanner planning,
            PlanLimit plans,
            JobMemory memories,
            TrainingRows rows,
            HostPool hosts,
            CallLimits limits,
            JobTokenizer tokenizer,
            TokenStatistics tokens,
            JdbcClient jdbc,
            TransactionTemplate transactions) {
        this.planning = planning;
        this.plans = plans;
        this.memories = memories;
        this.rows = rows;
        this.hosts = hosts;
        this.limits = limits;
        this.tokenizer = tokenizer;
        this.tokens = tokens;
        this.transactions = transactions;
        this.jdbc = jdbc;
    }

    /** Returns the estimate, once the tokens of a sample are counted; at once if each row is one example that is not truncated. */
    public CompletableFuture<JobEstimate> estimate(JobRequest request) {
        Caller caller = Caller.current();
        JobPlan plan = plans.within(
                caller.project(), () -> Objects.requireNonNull(transactions.execute(status -> planning.plan(request))));
        boolean windows = mayHaveWindows(plan);
        if (!windows && (!plan.spec().task().isLanguageModel() || isCut(plan) && !isPacked(plan))) {
            return truncation(plan, caller)
                    .thenApplyAsync(
                            cut -> estimate(plan, plan.trainRows(), caller.project(), cut.orElse(null)), threads);
        }
        CallLimits.Permit permit = limits.predict(
                plan.base().getId(), caller.project(), caller.subject(), SAMPLE, (long) SAMPLE * CHARACTERS);
        try {
            List<String> sample = new ArrayList<>(rows.texts(
                    plan.dataset().getId(),
                    plan.request().subset(),
                    plan.spec().hyperparameters().seed(),
                    SAMPLE,
                    CHARACTERS));
            sample.add(""); // has the special tokens alone
            return hosts.call(
                            plan.base().served(),
                            HostRequest.TOKENIZE,
                            caller.project(),
                            caller.subject(),
                            new TokenizeMessage(sample),
                            piece -> {})
                    .whenComplete((counts, failure) -> permit.close())
                    .thenCombineAsync(
                            truncation(plan, caller),
                            (counts, cut) -> estimate(
                                    plan,
                                    windows ? windows(plan, sample, counts) : pieces(plan, sample, counts),
                                    caller.project(),
                                    cut.orElse(null)),
                            threads);
        } catch (RuntimeException refused) {
            permit.close();
            throw refused;
        }
    }

    /** Returns how much of the rows is truncated; nothing if none can be, or if it is not known in time. */
    private CompletableFuture<Optional<TokenStatistics.Beyond>> truncation(JobPlan plan, Caller caller) {
        return CompletableFuture.supplyAsync(() -> beyond(plan, caller), threads)
                .thenCompose(beyond -> beyond)
                .exceptionally(failure -> {
                    log.info("the rows of an estimate are not tokenized: {}", failure.toString());
                    return Optional.empty();
                })
                .completeOnTimeout(Optional.empty(), TRUNCATION_SECONDS, TimeUnit.SECONDS);
    }

    private CompletableFuture<Optional<TokenStatistics.Beyond>> beyond(JobPlan plan, Caller caller) {
        RowTokenizer.Job job = tokenizer.of(plan, caller);
        Hyperparameters chosen = plan.spec().hyperparameters();
        boolean isText = plan.dataset().columns().containsKey("text")
                && !plan.dataset().columns().containsKey("text_pair");
        // A token has a byte or more.
        if (!job.isTruncating()
                || isText
                        && rows.longest(plan.dataset().getId(), plan.request().subset(), chosen.seed())
                                        + MOST_SPECIAL_TOKENS
                                <= chosen.maxLength()) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        return tokens.beyond(plan.dataset(), job, chosen.maxLength(), caller.project())
                .thenApply(Optional::of);
    }

    private JobEstimate estimate(
            JobPlan plan, long examples, String project, TokenStatistics.@Nullable Beyond truncation) {
        Hyperparameters chosen = plan.spec().hyperparameters();
        MemoryEstimate memory = memories.of(plan);
        long learned =
                trained(plan, Math.round(examples * (1 + (double) plan.replayRows() / Math.max(1, plan.trainRows()))));
        return new JobEstimate(
                Tasks.nameOf(plan.spec().task()),
                plan.trainRows() + plan.replayRows(),
                learned,
                plan.validationRows(),
                plan.testRows(),
                chosen.epochs(),
                plan.validations(learned).steps(),
                memory.weights(),
                memory.trained(),
                memory.least(chosen.gradientCheckpointing()),
                memory.bytes(false),
                seconds(plan, examples, learned, project),
                plan.spec().taskOptions(),
                plan.spec().method(),
                chosen,
                truncation);
    }

    /** Returns the number of examples of an epoch on so many examples of single texts. */
    static long trained(JobPlan plan, long examples) {
        return plan.spec().method().learnsPairs() ? FewShot.pairs(examples) : examples;
    }

    /** Returns whether longer rows are truncated, so that a row is one example if it is not packed. */
    private static boolean isCut(JobPlan plan) {
        RowKind kind = RowKind.of(plan.dataset());
        return kind == RowKind.COMPLETIONS || kind == RowKind.MESSAGES;
    }

    /** Returns whether a row that is longer than max_length has several examples, and there may be such rows. */
    private boolean mayHaveWindows(JobPlan plan) {
        boolean pairs = plan.dataset().columns().containsKey("text_pair");
        if (plan.spec().task() != Task.TOKEN_CLASSIFICATION
                && (plan.spec().taskOptions().longTexts() != LongTexts.WINDOWS || pairs)) {
            return false;
        }
        Hyperparameters chosen = plan.spec().hyperparameters();
        // A token has a byte or more.
        return rows.longest(plan.dataset().getId(), plan.request().subset(), chosen.seed()) + MOST_SPECIAL_TOKENS
                > chosen.maxLength();
    }

    private static boolean isPacked(JobPlan plan) {
        return Boolean.TRUE.equals(plan.spec().taskOptions().packing());
    }

    private long pieces(JobPlan plan, List<String> sample, JsonNode counts) {
        Hyperparameters chosen = plan.spec().hyperparameters();
        long characters = sample.stream().mapToLong(String::length).sum();
        long tokens = 1 + counts.valueStream().mapToLong(JsonNode::asLong).sum();
        double perPiece = Math.max(1, (double) characters / tokens * chosen.maxLength());
        return rows.pieces(
                plan.dataset().getId(), plan.request().subset(), chosen.seed(), perPiece, isPacked(plan), isCut(plan));
    }

    private long windows(JobPlan plan, List<String> sample, JsonNode counts) {
        Hyperparameters chosen = plan.spec().hyperparameters();
        long special = counts.get(sample.size() - 1).asLong();
        long characters = sample.stream().mapToLong(String::length).sum();
        long tokens = counts.valueStream()
                .mapToLong(count -> count.asLong() - special)
                .sum();
        double perToken = (double) Math.max(1, characters) / Math.max(1, tokens);
        int room = (int) Math.max(1, chosen.maxLength() - special);
        return rows.windows(
                plan.dataset().getId(),
                plan.request().subset(),
                chosen.seed(),
                room * perToken,
                (room - LongTexts.overlap(room)) * perToken);
    }

    private @Nullable Double seconds(JobPlan plan, long examples, long learned, String project) {
        Speed speed = jdbc.sql("""
                        select avg((metrics ->> 'examples_per_second')::float8) as trained,
                               avg((metrics ->> 'evaluated_per_second')::float8) as evaluated
                        from (select job_id, metrics from job_metrics
                              union all select job_id, metrics from job_validations) as validations where job_id in (
                            select id from jobs where project = :project and kind = 'training' and status = 'succeeded'
                                and spec ->> 'base_model' = :base and spec ->> 'task' = :task
                                and (spec -> 'task_options') - 'long_texts' - 'calibrate' - 'generated_answers' = :options::jsonb - 'long_texts' - 'calibrate' - 'generated_answers'
                                and coalesce(spec -> 'task_options' ->> 'long_texts', 'truncate')
                                    = coalesce(:options::jsonb ->> 'long_texts', 'truncate')
                                and spec -> 'method' ->> 'type' = :method
                            order by id desc limit :latest)""")
                .param("project", project)
                .param("base", plan.request().baseModel())
                .param("task", plan.spec().task().text())
                .param("options", Json.write(plan.spec().taskOptions()))
                .param("method", plan.spec().method().type())
                .param("latest", LATEST)
                .query(Speed.class)
                .single();
        Double trained = speed.trained();
        if (trained == null || trained <= 0) {
            return null;
        }
        int epochs = plan.spec().hyperparameters().epochs();
        double evaluated = speed.evaluated() == null ? trained / FORWARD_SHARE : speed.evaluated();
        double seconds = epochs * learned / trained
                + (evaluatedRows(plan, learned) * perRow(plan, examples) + forgettingTexts(plan)) / evaluated
                + Math.min(FeatureHead.SECONDS, baselineTexts(plan) / evaluated);
        return seconds + parts(plan, examples, trained, evaluated);
    }

    /** Returns the seconds of the models on parts of the rows. Each fold is computed once, and its model is trained on the others. */
    private static double parts(JobPlan plan, long examples, double trained, double evaluated) {
        Integer folds = plan.spec().folds();
        List<Double> curve = plan.spec().dataCurve() ? CURVE : List.of();
        List<Double> shares = new ArrayList<>(curve);
        if (folds != null) {
            shares.addAll(Collections.nCopies(folds, (folds - 1.0) / folds));
        }
        long learned = trained(plan, examples);
        double passes = shares.stream().mapToDouble(share -> share).sum();
        long validations = shares.stream()
                .mapToLong(
                        share -> plan.validations(Math.round(share * learned)).count())
                .sum();
        long reported = plan.testRows() > 0 ? plan.testRows() : plan.validationRows();
        double computed = (validations * plan.validationRows() + curve.size() * reported) * perRow(plan, examples)
                + (folds == null ? 0 : examples);
        return passes * plan.spec().hyperparameters().epochs() * learned / trained + computed / evaluated;
    }

    private static long evaluatedRows(JobPlan plan, long learned) {
        long validations =
                plan.validations(learned).count() + (plan.spec().task().isLanguageModel() ? 1 : 0);
        boolean tested = plan.testRows() > 0;
        boolean again =
                !tested || plan.spec().task().isTuned(); // for the report on them, or for the one on the test rows
        return (validations + (again ? 1 : 0)) * plan.validationRows() + plan.testRows();
    }

    /** Returns how many texts both models compute to find what was forgotten. */
    private static long forgettingTexts(JobPlan plan) {
        return 2L * (Forgetting.TEXTS + (plan.spec().retainDataset() == null ? 0 : Forgetting.MOST_ROWS));
    }

    /** Returns how many texts the base model computes to be a baseline. */
    private static long baselineTexts(JobPlan plan) {
        long reported = plan.testRows() > 0 ? plan.testRows() : plan.validationRows();
        return plan.spec().task().predictsTexts() && reported > 0
                ? Math.min(FeatureHead.MOST_ROWS, plan.trainRows()) + Math.min(FeatureHead.MOST_ROWS, reported)
                : 0;
    }

    /** Returns the examples of a row that is evaluated: those of a training row, but rows to evaluate are not packed. */
    private static double perRow(JobPlan plan, long examples) {
        return Math.max(1, (double) examples / Math.max(1, plan.trainRows()));
    }

    /** The examples per second of earlier jobs; null if there are none, or none that were evaluated. */
    record Speed(@Nullable Double trained, @Nullable Double evaluated) {}
}
