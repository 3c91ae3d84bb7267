package dev.anneal.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.anneal.evaluation.Metric;
import dev.anneal.evaluation.Metrics;
import dev.anneal.transformer.architecture.Task;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The specification of a job: the user's request with every choice made. It never changes. It is one JSON document in the
 * job's row, and the same document in the trainer's work directory.
 *
 * @param baseModel the name or id of the base model, as the request has it
 * @param validationDataset null if the validation rows of {@code dataset} are used
 * @param testDataset null if the test rows of {@code dataset} are used
 * @param subset null if all training rows are used
 * @param folds the number of folds of the training rows, for each of which a model is trained on the others; null for none
 * @param dataCurve whether models are also trained on 10, 25 and 50 % of the training rows
 * @param labels in the order of the model's scores; empty for a task without labels
 * @param earlyStopping null if all epochs are trained
 * @param bestMetric selects the epoch that is published; null means that of early stopping, else the task's default
 * @param evaluation null if the job trains; else what it computes, with {@code baseModel} as it is
 * @param retainDataset its rows, beside general text, show what the model forgot; null if there is none
 * @param replay null if no rows of another dataset are trained
 * @param report null if the report has the usual findings
 */
public record JobSpec(
        Task task,
        String baseModel,
        String dataset,
        @Nullable String validationDataset,
        @Nullable String testDataset,
        @Nullable Subset subset,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Integer folds,
        @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean dataCurve,
        List<String> labels,
        Method method,
        Hyperparameters hyperparameters,
        TaskOptions taskOptions,
        @Nullable EarlyStopping earlyStopping,
        Metric bestMetric,
        Checkpointing checkpoints,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable EvaluationSpec evaluation,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String retainDataset,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Replay replay,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable ReportOptions report) {

    public JobSpec {
        labels = labels == null ? List.of() : labels;
        checkpoints = checkpoints == null ? Checkpointing.DEFAULT : checkpoints;
        if (task != null) {
            taskOptions = (taskOptions == null ? TaskOptions.NONE : taskOptions).orDefaults(task);
            bestMetric = bestMetric == null ? selecting(task, earlyStopping) : bestMetric;
        }
    }

    /** Makes the specification of a job that trains, with the usual report. */
    public JobSpec(
            Task task,
            String baseModel,
            String dataset,
            @Nullable String validationDataset,
            @Nullable String testDataset,
            @Nullable Subset subset,
            List<String> labels,
            Method method,
            Hyperparameters hyperparameters,
            TaskOptions taskOptions,
            @Nullable EarlyStopping earlyStopping,
            Metric bestMetric,
            Checkpointing checkpoints) {
        this(
                task,
                baseModel,
                dataset,
                validationDataset,
                testDataset,
                subset,
                null,
                false,
                labels,
                method,
                hyperparameters,
                taskOptions,
                earlyStopping,
                bestMetric,
                checkpoints,
                null,
                null,
                null,
                null);
    }

    /** Returns the same specification with other checkpoints. */
    public JobSpec with(Checkpointing other) {
        return new JobSpec(
                task,
                baseModel,
                dataset,
                validationDataset,
                testDataset,
                subset,
                folds,
                dataCurve,
                labels,
                method,
                hyperparameters,
                taskOptions,
                earlyStopping,
                bestMetric,
                other,
                evaluation,
                retainDataset,
                replay,
                report);
    }

    /** Returns whether frozen layers compute each row only once, because their activations do not change. */
    public boolean keepsActivations() {
        boolean isFrozen = method.type().equals("frozen") && method.freezesEmbeddings() && method.frozenCount() > 0;
        return (method.type().equals("head") || isFrozen) && !task.isLanguageModel();
    }

    /** Returns the choices for the report, the default ones if there are none. */
    public ReportOptions reportOrDefault() {
        return report == null ? ReportOptions.DEFAULT : report;
    }

    /** Returns the metric of early stopping, or the task's default. */
    public static Metric selecting(Task task, @Nullable EarlyStopping earlyStopping) {
        return earlyStopping == null ? Metrics.of(task).byDefault() : Metric.named(earlyStopping.metric());
    }

    /** Returns what is missing or contradictory in a document that a person wrote; the server writes none such. */
    public List<String> problems() {
        List<String> problems = new ArrayList<>();
        require(task != null, "task is missing", problems);
        require(
                method != null && Method.TYPES.contains(method.type()),
                "method.type must be one of " + Method.TYPES,
                problems);
        require(
                method == null || !FewShot.METHOD.equals(method.type()) || task == Task.TEXT_CLASSIFICATION,
                "method.type cannot be few_shot for this task",
                problems);
        require(
                task == null || !task.hasLabels() || labels.size() >= (evaluation == null ? 2 : 1),
                "labels must name at least two labels",
                problems);
        require(labels.size() == new HashSet<>(labels).size(), "labels must not repeat a label", problems);
        require(folds == null || folds >= 2, "folds must be at least 2", problems);
        require(
                folds == null && !dataCurve || task == null || task.predictsTexts(),
                "folds and data_curve must be absent for this task",
                problems);
        require(
                replay == null || replay.dataset() != null && replay.share() > 0 && replay.share() < 1,
                "replay must have a dataset, and a share above 0 and below 1",
                problems);
        require(checkpoints.keep() >= 1, "checkpoints.keep must be at least 1", problems);
        if (hyperparameters == null) {
            problems.add("hyperparameters is missing");
        } else {
            hyperparameters.problems().forEach(problem -> problems.add("hyperparameters." + problem));
        }
        return problems;
    }

    private static void require(boolean holds, String problem, List<String> problems) {
        if (!holds) {
            problems.add(problem);
        }
    }
}
