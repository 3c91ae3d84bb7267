package dev.anneal.job.plan;

import dev.anneal.dataset.rows.TrainingRows;
import dev.anneal.dataset.statistics.RowTokenizer;
import dev.anneal.dataset.statistics.TokenStatistics;
import dev.anneal.host.message.HostRequest;
import dev.anneal.host.message.TokenizeMessage;
import dev.anneal.hosting.CallLimits;
import dev.anneal.hosting.HostPool;
import dev.anneal.security.Caller;
import dev.anneal.spec.FewShot;
import dev.anneal.spec.Hyperparameters;
import dev.anneal.training.MemoryEstimate;
import dev.anneal.transformer.architecture.LongTexts;
import dev.anneal.transformer.architecture.Task;
import java.util.ArrayList;
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
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/**
 * Estimates steps, memory and time of a job. Steps are {@code epochs * ceil(examples / (batch_size *
 * gradient_accumulation_steps))}. A row is one example, but for a language model a text has one example per
 * {@code max_length} tokens, and a long row of tagged words, or a long text with {@code long_texts: windows}, has one per window;
 * the first {@value #SAMPLE} texts show how many characters make a token. Memory is a
 * {@link MemoryEstimate}, and the time a {@link JobDuration}. Rows of {@code replay} count as training rows, with as many examples
 * each. With the method {@code few_shot}, the examples are pairs of rows.
 */
@Component
public class JobEstimator {
    private static final Logger log = LoggerFactory.getLogger(JobEstimator.class);
    static final int SAMPLE = 200;
    static final int CHARACTERS = 4000;
    private static final int MOST_SPECIAL_TOKENS = 4;
    /** Shorter than the time that most clients wait for an answer. */
    private static final int TRUNCATION_SECONDS = 10;

    private final JobPlanner planning;
    private final PlanLimit plans;
    private final JobMemory memories;
    private final TrainingRows rows;
    private final HostPool hosts;
    private final CallLimits limits;
    private final JobTokenizer tokenizer;
    private final TokenStatistics tokens;
    private final JobDuration durations;
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
            JobDuration durations,
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
        this.durations = durations;
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
                durations.seconds(plan, examples, learned, project),
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
}
