package dev.anneal.job.plan;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.anneal.training.spec.TrainingSpec;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.web.Fields;
import dev.anneal.web.Problem;
import java.util.List;
import java.util.Map;

/**
 * What only some tasks know. As a request has them, null is what was left open; as a job has them, null is what its task does
 * not know.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TaskOptions(
        Boolean multiLabel, Boolean packing, Boolean completionsOnly, Double maskingProbability, Boolean wholeWords) {
    private static final TrainingSpec.TaskOptions DEFAULT = TrainingSpec.TaskOptions.DEFAULT;
    private static final Map<String, String> TASKS = Map.of(
            "multi_label", "text-classification",
            "packing", "causal-lm",
            "completions_only", "causal-lm",
            "masking_probability", "masked-lm",
            "whole_words", "masked-lm");

    static TaskOptions of(Fields body) {
        Fields fields = body.object("task_options");
        TaskOptions options = new TaskOptions(
                fields.flag("multi_label"),
                fields.flag("packing"),
                fields.flag("completions_only"),
                fields.number("masking_probability", 0.01, 0.9),
                fields.flag("whole_words"));
        fields.refuseUnknown();
        return options;
    }

    /** With what the task has by default; an option of another task is an error. */
    TaskOptions resolve(Task task, List<Problem.Error> errors) {
        refuse("multi_label", multiLabel, task, errors);
        refuse("packing", packing, task, errors);
        refuse("completions_only", completionsOnly, task, errors);
        refuse("masking_probability", maskingProbability, task, errors);
        refuse("whole_words", wholeWords, task, errors);
        boolean severalLabels = task == Task.MULTI_LABEL;
        if (multiLabel != null
                && multiLabel != severalLabels
                && Tasks.nameOf(task).equals(TASKS.get("multi_label"))) {
            errors.add(
                    Problem.Error.field(
                            "task_options.multi_label",
                            "dataset_does_not_fit",
                            severalLabels
                                    ? "The rows of the dataset have several labels each (column role 'labels'): multi_label is true."
                                    : "The rows of the dataset have one label each; several need a column of the role 'labels'."));
        }
        return switch (task) {
            case TEXT_CLASSIFICATION, MULTI_LABEL -> new TaskOptions(severalLabels, null, null, null, null);
            case TEXT_REGRESSION, TOKEN_CLASSIFICATION -> new TaskOptions(null, null, null, null, null);
            case CAUSAL_LM ->
                new TaskOptions(
                        null,
                        packing == null ? DEFAULT.packing() : packing,
                        completionsOnly == null ? DEFAULT.completionsOnly() : completionsOnly,
                        null,
                        null);
            case MASKED_LM ->
                new TaskOptions(
                        null,
                        null,
                        null,
                        maskingProbability == null ? DEFAULT.maskingProbability() : maskingProbability,
                        wholeWords == null ? DEFAULT.wholeWords() : wholeWords);
        };
    }

    private static void refuse(String option, Object value, Task task, List<Problem.Error> errors) {
        if (value != null && !TASKS.get(option).equals(Tasks.nameOf(task))) {
            errors.add(Problem.Error.field(
                    "task_options." + option,
                    "not_of_task",
                    "'%s' is an option of %s; this job's task is %s."
                            .formatted(option, TASKS.get(option), Tasks.nameOf(task))));
        }
    }

    public TrainingSpec.TaskOptions forTrainer() {
        return new TrainingSpec.TaskOptions(
                packing == null ? DEFAULT.packing() : packing,
                completionsOnly == null ? DEFAULT.completionsOnly() : completionsOnly,
                maskingProbability == null ? DEFAULT.maskingProbability() : maskingProbability,
                wholeWords == null ? DEFAULT.wholeWords() : wholeWords);
    }
}
