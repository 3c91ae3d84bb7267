package dev.anneal.job.plan;

import dev.anneal.dataset.Dataset;
import dev.anneal.job.queue.JobKind;
import dev.anneal.model.Model;
import dev.anneal.spec.AutoHyperparameters;
import dev.anneal.spec.Checkpointing;
import dev.anneal.spec.EvaluationSpec;
import dev.anneal.spec.JobSpec;
import dev.anneal.spec.Method;
import dev.anneal.spec.TaskOptions;
import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.web.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Checks a request for an evaluation or a prediction against the model and the dataset that it names. */
@Component
public class EvaluationPlanner {
    /** The scores and labels of all rows that the report of an evaluation may keep in memory, 4 bytes each. */
    static final long MAX_NUMBERS = 100_000_000;

    /** About how many numbers a row takes besides its scores. */
    private static final int PER_ROW = 8;

    /** Bytes for what a batch computes, besides the weights. */
    private static final long BATCH_BYTES = 300_000_000;

    private static final int SHOWN_LABELS = 10;

    private final JobBaseModel files;
    private final JobDatasets datasets;
    private final double checkpointSeconds;

    EvaluationPlanner(JobBaseModel files, JobDatasets datasets, TrainerSettings settings) {
        this.checkpointSeconds = settings.checkpointSeconds();
        this.files = files;
        this.datasets = datasets;
    }

    /** Returns the plan. Until the caller's transaction ends, neither the model nor the dataset can be deleted. */
    @Transactional(propagation = Propagation.MANDATORY)
    public EvaluationPlan plan(EvaluationRequest request) {
        Model model = files.require(request.model());
        Dataset dataset = datasets.find("dataset", request.dataset());
        ModelConfig config = files.config(model);
        Task task = task(model, config, request.kind());
        checkPrecision(task, request.precision());
        checkRows(model, task, dataset, request.kind());
        long rows = rows(dataset, request.split());
        List<String> labels = task.hasLabels() ? config.labels() : List.of();
        if (request.kind() == JobKind.evaluation) {
            checkLabels(request, model, labels, dataset);
            checkSize(task, labels, dataset, request.split(), rows);
            checkReport(request, task, dataset);
        }
        JobSpec spec = new JobSpec(
                task,
                model.getId(),
                dataset.getId(),
                null,
                null,
                null,
                null,
                false,
                labels,
                Method.FULL,
                new HyperparameterRequest(Map.of("precision", request.precision()), null)
                        .resolve(
                                new AutoHyperparameters(
                                        task,
                                        Method.FULL.type(),
                                        rows,
                                        model.parameters(),
                                        model.architecture(),
                                        model.maxLength()),
                                null),
                new TaskOptions(
                                null,
                                config.longTexts(),
                                null,
                                null,
                                null,
                                null,
                                null,
                                generatedAnswers(request, task, dataset))
                        .ofNewJob(task),
                null,
                JobSpec.selecting(task, null),
                Checkpointing.DEFAULT.orEvery(checkpointSeconds),
                new EvaluationSpec(request.split(), rows, request.kind() == JobKind.evaluation, request.labelMap()),
                null,
                null,
                request.report());
        return new EvaluationPlan(
                request,
                spec,
                model.name() + " on " + dataset.name(),
                bytesPerWeight(spec, request) * model.parameters() + BATCH_BYTES);
    }

    /** Returns how many bytes a weight takes at most: generation packs copies of fp32 matrices, and bf16 has smaller ones. */
    private static int bytesPerWeight(JobSpec spec, EvaluationRequest request) {
        Integer answers = spec.taskOptions().generatedAnswers();
        return answers != null && answers > 0 ? 8 : request.precision().equals("fp32") ? 4 : 6;
    }

    /** Returns for how many rows answers are generated; null for the default, or for a task without answers. */
    private static @Nullable Integer generatedAnswers(EvaluationRequest request, Task task, Dataset dataset) {
        RowKind rows = RowKind.of(dataset);
        Integer asked = request.generatedAnswers();
        if (task == Task.CAUSAL_LM && rows.hasAnswers()) {
            return asked;
        }
        if (asked != null && asked > 0) {
            throw task == Task.CAUSAL_LM
                    ? Problem.invalid(
                            "generated_answers",
                            "dataset_does_not_fit",
                            "The dataset '%s' contains %s, which ask for no answer. Omit 'generated_answers', or evaluate a dataset with prompts or conversations."
                                    .formatted(dataset.getId(), rows.words()))
                    : Problem.invalid(
                            "generated_answers",
                            "not_of_task",
                            "'generated_answers' applies only to causal-lm. The task of the model is %s. Omit it."
                                    .formatted(Tasks.nameOf(task)));
        }
        return task == Task.CAUSAL_LM ? 0 : null;
    }

    private static Task task(Model model, ModelConfig config, JobKind kind) {
        Task task = config.task();
        if (task == null) {
            throw doesNotFit(
                    model,
                    "is a base model without a head, so it computes nothing to compare. Fine-tune it, then use the result");
        }
        if (kind == JobKind.prediction && task.isLanguageModel()) {
            throw doesNotFit(
                    model,
                    "is a language model (%s), which has no predictions for rows. %s"
                            .formatted(
                                    task.text(),
                                    task == Task.CAUSAL_LM
                                            ? "Call POST /api/v1/models/" + model.getId() + "/generate"
                                            : "Fine-tune it, then use the result"));
        }
        return task;
    }

    private static Problem doesNotFit(Model model, String reason) {
        return Problem.invalid("model", "model_does_not_fit", "'%s' %s.".formatted(model.name(), reason));
    }

    private static void checkPrecision(Task task, String precision) {
        if (task.isLanguageModel() && !precision.equals("fp32")) {
            throw Problem.invalid(
                    "precision",
                    "not_of_task",
                    "A language model is evaluated in fp32. Omit 'precision', or set it to fp32.");
        }
    }

    private static void checkRows(Model model, Task task, Dataset dataset, JobKind kind) {
        RowKind rows = RowKind.of(dataset);
        boolean fits = kind == JobKind.evaluation
                ? rows.serves(task)
                : rows.hasText() || task == Task.TOKEN_CLASSIFICATION && rows == RowKind.TAGS;
        if (!fits) {
            throw Problem.invalid(
                    "dataset",
                    "dataset_does_not_fit",
                    "The dataset '%s' contains %s, but the model '%s' (%s) needs %s."
                            .formatted(
                                    dataset.getId(),
                                    rows.words(),
                                    model.name(),
                                    Tasks.nameOf(task),
                                    kind == JobKind.evaluation
                                            ? RowKind.wantedBy(task)
                                            : task == Task.TOKEN_CLASSIFICATION ? "words or texts" : "texts"));
        }
    }

    private static long rows(Dataset dataset, @Nullable String split) {
        if (split == null) {
            return dataset.rowCount();
        }
        Dataset.Splits splits = dataset.splits();
        Map<String, Long> sizes =
                Map.of("train", splits.train(), "validation", splits.validation(), "test", splits.test());
        long rows = sizes.getOrDefault(split, 0L);
        if (rows == 0) {
            throw Problem.invalid(
                    "split",
                    "no_rows",
                    "The dataset '%s' has no %s rows. Choose another 'split': %s."
                            .formatted(
                                    dataset.getId(),
                                    split,
                                    Stream.of("train", "validation", "test")
                                            .filter(name -> sizes.getOrDefault(name, 0L) > 0)
                                            .map(name -> "%s (%,d rows)".formatted(name, sizes.get(name)))
                                            .collect(Collectors.joining(", ", "", " or all"))));
        }
        return rows;
    }

    private void checkReport(EvaluationRequest request, Task task, Dataset dataset) {
        List<Problem.Error> errors = new ArrayList<>();
        ReportChoices.check(request.report(), task, errors);
        if (!errors.isEmpty()) {
            throw Problem.invalid(errors);
        }
        datasets.checkSlices(request.report(), dataset, request.split());
    }

    private void checkLabels(EvaluationRequest request, Model model, List<String> labels, Dataset dataset) {
        Map<String, String> map = request.labelMap();
        for (Map.Entry<String, String> mapped : map.entrySet()) {
            if (!labels.contains(mapped.getValue())) {
                throw Problem.invalid(
                        "label_map",
                        "unknown_label",
                        "'label_map' maps '%s' to '%s', which is not a label of the model '%s'. %s"
                                .formatted(
                                        Problem.quote(mapped.getKey()),
                                        Problem.quote(mapped.getValue()),
                                        model.name(),
                                        labels.isEmpty()
                                                ? "The model has no labels."
                                                : "Its labels: " + shown(labels)));
            }
            if (!dataset.labelNames().contains(mapped.getKey())) {
                throw Problem.invalid(
                        "label_map",
                        "unknown_label",
                        "'label_map' maps '%s', which is not a label of the dataset '%s'. Its labels: %s"
                                .formatted(
                                        Problem.quote(mapped.getKey()), dataset.getId(), shown(dataset.labelNames())));
            }
        }
        if (labels.isEmpty()) {
            return;
        }
        List<String> unknown = dataset.labelNames().stream()
                .map(label -> map.getOrDefault(label, label))
                .filter(label -> !labels.contains(label))
                .toList();
        if (!unknown.isEmpty() && request.split() != null) { // they may be those of other splits only
            List<String> here = datasets.labels(dataset.getId(), request.split());
            unknown = unknown.stream().filter(here::contains).toList();
        }
        if (!unknown.isEmpty()) {
            throw Problem.invalid(
                    "dataset",
                    "unknown_label",
                    "The dataset '%s' contains labels that the model '%s' does not have: %s The labels of the model: %s Name the model's label for each of them in 'label_map', or remove their rows."
                            .formatted(dataset.getId(), model.name(), shown(unknown), shown(labels)));
        }
    }

    /** Returns some labels as a sentence's end. */
    private static String shown(List<String> labels) {
        return labels.stream().limit(SHOWN_LABELS).map(Problem::quote).collect(Collectors.joining(", "))
                + (labels.size() > SHOWN_LABELS ? " and %,d more.".formatted(labels.size() - SHOWN_LABELS) : ".");
    }

    /** The report of an evaluation needs the scores of all rows at once. */
    private void checkSize(Task task, List<String> labels, Dataset dataset, @Nullable String split, long rows) {
        if (task.isLanguageModel()) {
            return;
        }
        long words = task == Task.TOKEN_CLASSIFICATION ? words(dataset, split, rows) : 0;
        long numbers = rows * PER_ROW + (words > 0 ? 2 * words : rows * Math.max(1, labels.size()));
        if (numbers > MAX_NUMBERS) {
            throw Problem.invalid(
                    "dataset",
                    "too_many_rows",
                    "The report on %,d rows with %,d labels would need %,d numbers in memory. The limit is %,d. Evaluate a split or a sample of the dataset, or predict for all of its rows."
                            .formatted(rows, labels.size(), numbers, MAX_NUMBERS));
        }
    }

    /** Returns the number of the words of a split, which are counted only if those of all splits are too many. */
    private long words(Dataset dataset, @Nullable String split, long rows) {
        long all =
                dataset.labels().stream().mapToLong(Dataset.LabelCount::count).sum();
        boolean fits = rows * PER_ROW + 2 * all <= MAX_NUMBERS;
        return split == null || fits ? all : datasets.words(dataset.getId(), split);
    }
}
