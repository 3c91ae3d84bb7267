package dev.anneal.job.plan;

import dev.anneal.dataset.Dataset;
import dev.anneal.dataset.rows.TrainingRows;
import dev.anneal.evaluation.Metrics;
import dev.anneal.model.Model;
import dev.anneal.spec.AutoHyperparameters;
import dev.anneal.spec.EarlyStopping;
import dev.anneal.spec.Hyperparameters;
import dev.anneal.spec.JobSpec;
import dev.anneal.spec.Method;
import dev.anneal.spec.TaskOptions;
import dev.anneal.text.Suggest;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.web.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Checks a request against the dataset and the base model that it names, and decides what it leaves to {@code auto}. */
@Component
public class JobPlanner {
    private static final String EVAL_STEPS = "hyperparameters.eval_steps";

    private final JobDatasets datasets;
    private final JobBaseModel baseModels;
    private final MethodResolver methods;
    private final TrainingRows rows;
    private final PartCheck parts;
    private final FewShotPlan fewShot;
    private final double checkpointSeconds;

    JobPlanner(
            JobDatasets datasets,
            JobBaseModel baseModels,
            MethodResolver methods,
            TrainingRows rows,
            PartCheck parts,
            FewShotPlan fewShot,
            TrainerSettings settings) {
        this.datasets = datasets;
        this.baseModels = baseModels;
        this.methods = methods;
        this.rows = rows;
        this.parts = parts;
        this.fewShot = fewShot;
        this.checkpointSeconds = settings.checkpointSeconds();
    }

    /** Returns the plan. Until the caller's transaction ends, nothing that the plan names can be deleted. */
    @Transactional(propagation = Propagation.MANDATORY)
    public JobPlan plan(JobRequest named) {
        Model base = baseModels.find(named.baseModel());
        Dataset dataset = datasets.find("dataset", named.dataset());
        JobRequest request = named.withIds(
                base.isBase() ? named.baseModel() : base.getId(), // the name of a base model says more than its id
                dataset.getId(),
                datasets.id("validation_dataset", named.validationDataset()),
                datasets.id("test_dataset", named.testDataset()),
                datasets.id("retain_dataset", named.retainDataset()),
                datasets.id(
                        "replay.dataset",
                        named.replay() == null ? null : named.replay().dataset()));
        RowKind kind = RowKind.of(dataset);
        String name = request.task() == null ? dataset.task() : request.task();
        Task task = Tasks.of(name, name.equals(Task.TEXT_CLASSIFICATION.text()) && kind == RowKind.LABELS);

        List<String> labels = labels(task, dataset, base);
        datasets.checkTraining(dataset, task, labels);
        datasets.checkEvaluation("validation_dataset", request.validationDataset(), dataset, task, labels);
        datasets.checkEvaluation("test_dataset", request.testDataset(), dataset, task, labels);
        datasets.checkRetained(request.retainDataset(), task);
        long replayed = datasets.replayed(request.replay(), dataset, task, labels);
        baseModels.check(base, task);

        List<Problem.Error> errors = new ArrayList<>();
        HyperparameterRequest chosen = request.hyperparameters();
        TaskOptions options =
                TaskOptionsResolver.resolve(request.taskOptions(), task, !hasNoValidation(request, dataset), errors);
        checkMaxLength(chosen.maxLength(), base, errors);
        chosen.check(task, errors);
        checkEarlyStopping(request, task, dataset, errors);
        checkEvalSteps(request, dataset, errors);
        parts.check(request, task, dataset, labels, errors);
        Method method = methods.resolve(request.method(), base, task, errors);
        chosen.check(method, errors);
        fewShot.check(method, request, task, options, dataset, labels, errors);
        ClassWeights weights = chosen.classWeights();
        Map<String, Double> resolvedWeights = weights == null
                        || !Hyperparameters.CLASS_WEIGHTS.tasks().test(task)
                ? null
                : weights.resolve(
                        labels, () -> rows.labelCounts(dataset.getId(), request.subset(), chosen.seed()), errors);
        ReportChoices.check(request.report(), task, errors);
        if (!hasTest(request, dataset) && hasNoValidation(request, dataset) && request.folds() == null) {
            ReportChoices.refuseAll(request, task, errors);
        }
        if (!errors.isEmpty()) {
            throw Problem.invalid(errors);
        }
        checkSlices(request, dataset);
        long trainRows = request.subset() == null
                ? dataset.splits().train()
                : rows.count(dataset.getId(), request.subset(), chosen.seed());
        Hyperparameters hyperparameters = chosen.resolve(
                new AutoHyperparameters(
                        task, method.type(), trainRows, base.parameters(), base.architecture(), base.maxLength()),
                resolvedWeights);
        JobSpec spec = new JobSpec(
                task,
                request.baseModel(),
                request.dataset(),
                request.validationDataset(),
                request.testDataset(),
                request.subset(),
                request.folds(),
                request.dataCurve(),
                labels,
                method,
                hyperparameters,
                options,
                request.earlyStopping(),
                JobSpec.selecting(task, request.earlyStopping()),
                request.checkpoints().orEvery(checkpointSeconds),
                null,
                request.retainDataset(),
                request.replay(),
                request.report());
        long bound = hyperparameters.evaluationRows();
        long validationRows =
                datasets.rows(request.validationDataset(), dataset.splits().validation());
        long testRows = datasets.rows(request.testDataset(), dataset.splits().test());
        PartCheck.checkReported(request, labels, Math.min(bound, testRows > 0 ? testRows : validationRows));
        JobPlan plan = new JobPlan(
                request,
                spec,
                base,
                dataset,
                trainRows,
                request.replay() == null
                        ? 0
                        : Math.min(replayed, request.replay().rows(trainRows)),
                Math.min(bound, validationRows),
                Math.min(bound, testRows));
        checkEvalSteps(plan);
        return plan;
    }

    private static void checkEvalSteps(JobRequest request, Dataset dataset, List<Problem.Error> errors) {
        if (request.hyperparameters().hasEvalSteps() && hasNoValidation(request, dataset)) {
            errors.add(
                    Problem.Error.field(
                            EVAL_STEPS,
                            "no_validation_rows",
                            "'hyperparameters.eval_steps' needs validation rows. Add some to the dataset, name a 'validation_dataset', or omit it."));
        }
    }

    /** Bounds the number of validations. Only the trainer knows how many steps a language model has. */
    private static void checkEvalSteps(JobPlan plan) {
        long rows = plan.trainRows() + plan.replayRows();
        String problem = plan.validations(JobEstimator.trained(plan, rows)).problem();
        if (problem != null && !plan.spec().task().isLanguageModel()) {
            throw Problem.invalid(EVAL_STEPS, "too_many_validations", "'" + EVAL_STEPS + "' " + problem);
        }
    }

    /** Returns the labels in the order of the base model if it has the same ones: then its head can be trained further. */
    private static List<String> labels(Task task, Dataset dataset, Model base) {
        if (!task.hasLabels()) {
            return List.of();
        }
        List<String> ordered = task == Task.TOKEN_CLASSIFICATION
                ? LabelOrder.ofTags(dataset.labelNames())
                : LabelOrder.of(dataset.labelNames());
        List<String> known = base.labels();
        return known.size() == ordered.size() && known.containsAll(ordered) ? known : ordered;
    }

    private static void checkMaxLength(@Nullable Integer maxLength, Model base, List<Problem.Error> errors) {
        if (maxLength != null && maxLength > base.maxLength()) {
            errors.add(Problem.Error.field(
                    "hyperparameters.max_length",
                    "out_of_range",
                    "'hyperparameters.max_length' is %d, but '%s' takes at most %d tokens."
                            .formatted(maxLength, base.name(), base.maxLength())));
        }
    }

    private static void checkEarlyStopping(JobRequest request, Task task, Dataset dataset, List<Problem.Error> errors) {
        EarlyStopping earlyStopping = request.earlyStopping();
        if (earlyStopping == null) {
            return;
        }
        String metric = earlyStopping.metric();
        List<String> known = Metrics.of(task).names();
        if (!known.contains(metric)) {
            errors.add(Problem.Error.field(
                    "early_stopping.metric",
                    "unknown_metric",
                    "'%s' is not a metric of %s. Its metrics: %s.%s"
                            .formatted(metric, task.text(), String.join(", ", known), Suggest.nearest(metric, known))));
        }
        if (hasNoValidation(request, dataset)) {
            errors.add(Problem.Error.field(
                    "early_stopping",
                    "no_validation_rows",
                    "Early stopping needs validation rows. Add some to the dataset or name a 'validation_dataset'."));
        }
    }

    /** Checks the columns of the rows that the report is about: those for the test, or else for validation, or else those of the folds. */
    private void checkSlices(JobRequest request, Dataset dataset) {
        boolean isTest = hasTest(request, dataset);
        String named = isTest ? request.testDataset() : request.validationDataset();
        String split = isTest ? "test" : hasNoValidation(request, dataset) ? "train" : "validation";
        datasets.checkSlices(
                request.report(),
                named == null ? dataset : datasets.find("dataset", named),
                named == null ? split : null);
    }

    private static boolean hasTest(JobRequest request, Dataset dataset) {
        return dataset.splits().test() > 0 || request.testDataset() != null;
    }

    private static boolean hasNoValidation(JobRequest request, Dataset dataset) {
        return dataset.splits().validation() == 0 && request.validationDataset() == null;
    }
}
