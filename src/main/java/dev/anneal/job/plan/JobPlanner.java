package dev.anneal.job.plan;

import dev.anneal.dataset.Dataset;
import dev.anneal.dataset.TrainingRows;
import dev.anneal.model.Model;
import dev.anneal.training.spec.Hyperparameters;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.web.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Holds a request against the dataset and the base model that it names, and decides what was left to `auto`. */
@Component
public class JobPlanner {
    private final JobDatasets datasets;
    private final JobBaseModel baseModels;
    private final MethodResolver methods;
    private final TrainingRows rows;

    JobPlanner(JobDatasets datasets, JobBaseModel baseModels, MethodResolver methods, TrainingRows rows) {
        this.datasets = datasets;
        this.baseModels = baseModels;
        this.methods = methods;
        this.rows = rows;
    }

    /** Within a transaction: what the plan names cannot be deleted before it ends. */
    @Transactional(propagation = Propagation.MANDATORY)
    public JobPlan plan(JobRequest request) {
        Model base = baseModels.find(request.baseModel());
        Dataset dataset = datasets.find("dataset", request.dataset());
        RowKind kind = RowKind.of(dataset);
        String name = request.task() == null ? dataset.task() : request.task();
        Task task = Tasks.of(name, name.equals(Task.TEXT_CLASSIFICATION.text()) && kind == RowKind.LABELS);

        List<String> labels = labels(task, dataset, base);
        datasets.checkTraining(dataset, task, labels);
        datasets.checkEvaluation("validation_dataset", request.validationDataset(), dataset, task, labels);
        datasets.checkEvaluation("test_dataset", request.testDataset(), dataset, task, labels);
        baseModels.check(base, task);

        List<Problem.Error> errors = new ArrayList<>();
        TaskOptions options = request.taskOptions().resolve(task, errors);
        checkHyperparameters(request, task, base, errors);
        if (request.earlyStopping() != null) {
            request.earlyStopping().check(task, errors);
            if (dataset.splits().validation() == 0 && request.validationDataset() == null) {
                errors.add(Problem.Error.field(
                        "early_stopping",
                        "no_validation_rows",
                        "Early stopping needs validation rows; there are none."));
            }
        }
        Method method = methods.resolve(request.method(), base, task, errors);
        long seed = request.hyperparameters().seed() == null
                ? AutoHyperparameters.SEED
                : request.hyperparameters().seed();
        ClassWeights weights = request.hyperparameters().classWeights();
        Map<String, Double> resolvedWeights = weights == null || !mayWeigh(task)
                ? null
                : weights.resolve(labels, () -> rows.labelCounts(dataset.getId(), request.subset(), seed), errors);
        if (!errors.isEmpty()) {
            throw Problem.invalid(errors);
        }
        long trainRows = request.subset() == null
                ? dataset.splits().train()
                : rows.count(dataset.getId(), request.subset(), seed);
        Hyperparameters chosen = request.hyperparameters()
                .resolve(
                        new AutoHyperparameters(
                                task,
                                method.type(),
                                trainRows,
                                base.parameters(),
                                base.architecture(),
                                base.maxLength()),
                        resolvedWeights);
        return new JobPlan(request, task, options, base, dataset, labels, method, chosen, trainRows);
    }

    /** In the order of the base model where it knows the same ones, so that its head can go on. */
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

    private static boolean mayWeigh(Task task) {
        return task == Task.TEXT_CLASSIFICATION || task == Task.TOKEN_CLASSIFICATION;
    }

    private static void checkHyperparameters(JobRequest request, Task task, Model base, List<Problem.Error> errors) {
        HyperparameterChoices chosen = request.hyperparameters();
        Integer maxLength = chosen.maxLength();
        if (maxLength != null && maxLength > base.maxLength()) {
            errors.add(Problem.Error.field(
                    "hyperparameters.max_length",
                    "out_of_range",
                    "'hyperparameters.max_length' is %d; '%s' takes at most %d tokens."
                            .formatted(maxLength, base.name(), base.maxLength())));
        }
        if (chosen.labelSmoothing() != null && chosen.labelSmoothing() > 0 && !task.hasLabels()) {
            errors.add(notOfTask("label_smoothing", "only tasks with labels know it", task));
        }
        if (chosen.classWeights() != null && !mayWeigh(task)) {
            errors.add(notOfTask(
                    ClassWeights.FIELD,
                    "only token-classification and text-classification with one label each know it",
                    task));
        }
    }

    private static Problem.Error notOfTask(String name, String who, Task task) {
        return Problem.Error.field(
                "hyperparameters." + name,
                "not_of_task",
                "'hyperparameters.%s' does not go with %s; %s.".formatted(name, task.text(), who));
    }
}
