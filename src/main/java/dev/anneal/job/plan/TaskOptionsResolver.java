package dev.anneal.job.plan;

import dev.anneal.spec.TaskOptions;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.web.JsonFields;
import dev.anneal.web.Problem;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the options of a task from a request, refuses those of other tasks, and adds the defaults. */
final class TaskOptionsResolver {
    private static final Map<String, String> TASKS = Map.of(
            "multi_label", "text-classification",
            "packing", "causal-lm",
            "completions_only", "causal-lm",
            "masking_probability", "masked-lm",
            "whole_words", "masked-lm");

    private TaskOptionsResolver() {}

    static TaskOptions read(JsonFields body) {
        JsonFields fields = body.object("task_options");
        TaskOptions options = new TaskOptions(
                fields.flag("multi_label"),
                fields.flag("packing"),
                fields.flag("completions_only"),
                fields.number("masking_probability", 0.01, 0.9),
                fields.flag("whole_words"));
        fields.refuseUnknown();
        return options;
    }

    static TaskOptions resolve(TaskOptions asked, Task task, List<Problem.Error> errors) {
        refuse("multi_label", asked.multiLabel(), task, errors);
        refuse("packing", asked.packing(), task, errors);
        refuse("completions_only", asked.completionsOnly(), task, errors);
        refuse("masking_probability", asked.maskingProbability(), task, errors);
        refuse("whole_words", asked.wholeWords(), task, errors);
        boolean multiLabel = task == Task.MULTI_LABEL;
        if (asked.multiLabel() != null
                && asked.multiLabel() != multiLabel
                && Tasks.nameOf(task).equals(TASKS.get("multi_label"))) {
            errors.add(Problem.Error.field(
                    "task_options.multi_label",
                    "dataset_does_not_fit",
                    multiLabel
                            ? "The dataset has several labels per row (column role 'labels'). Set 'multi_label' to true"
                                    + " or omit it."
                            : "The dataset has one label per row. For several labels, upload a dataset with a column of"
                                    + " the role 'labels'."));
        }
        return asked.orDefaults(task);
    }

    private static void refuse(String option, @Nullable Object value, Task task, List<Problem.Error> errors) {
        if (value != null && !Tasks.nameOf(task).equals(TASKS.get(option))) {
            errors.add(Problem.Error.field(
                    "task_options." + option,
                    "not_of_task",
                    "'task_options.%s' applies only to %s. The task of this job is %s."
                            .formatted(option, TASKS.get(option), Tasks.nameOf(task))));
        }
    }
}
