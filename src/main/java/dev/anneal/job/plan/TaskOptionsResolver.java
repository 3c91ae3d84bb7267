package dev.anneal.job.plan;

import dev.anneal.spec.TaskOptions;
import dev.anneal.transformer.architecture.LongTexts;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.web.JsonFields;
import dev.anneal.web.Problem;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads the options of a task from a request, refuses those of other tasks, and adds the defaults. */
final class TaskOptionsResolver {
    private static final Map<String, List<String>> TASKS = Map.of(
            "multi_label", List.of("text-classification"),
            "long_texts", List.of("text-classification", "text-regression"),
            "packing", List.of("causal-lm"),
            "completions_only", List.of("causal-lm"),
            "masking_probability", List.of("masked-lm"),
            "whole_words", List.of("masked-lm"),
            "calibrate", List.of("text-classification"),
            "generated_answers", List.of("causal-lm"));

    private TaskOptionsResolver() {}

    static TaskOptions read(JsonFields body) {
        JsonFields fields = body.object("task_options");
        String longTexts = fields.choice(LongTexts.FIELD, LongTexts.NAMES);
        TaskOptions options = new TaskOptions(
                fields.flag("multi_label"),
                longTexts == null ? null : LongTexts.of(longTexts),
                fields.flag("packing"),
                fields.flag("completions_only"),
                fields.number("masking_probability", 0.01, 0.9),
                fields.flag("whole_words"),
                fields.flag("calibrate"),
                fields.integer("generated_answers", 0, 500));
        fields.refuseUnknown();
        return options;
    }

    /** @param hasValidation whether the job has validation rows */
    static TaskOptions resolve(TaskOptions asked, Task task, boolean hasValidation, List<Problem.Error> errors) {
        refuse("multi_label", asked.multiLabel(), task, errors);
        refuse("long_texts", asked.longTexts(), task, errors);
        refuse("packing", asked.packing(), task, errors);
        refuse("completions_only", asked.completionsOnly(), task, errors);
        refuse("masking_probability", asked.maskingProbability(), task, errors);
        refuse("whole_words", asked.wholeWords(), task, errors);
        refuse("calibrate", asked.calibrate(), task, errors);
        refuse("generated_answers", asked.generatedAnswers(), task, errors);
        if (Boolean.TRUE.equals(asked.calibrate()) && !hasValidation) {
            errors.add(Problem.Error.field(
                    "task_options.calibrate",
                    "no_validation_rows",
                    "Calibration needs validation rows. Add some to the dataset or name a 'validation_dataset'."));
        }
        if (Boolean.TRUE.equals(asked.calibrate()) && asked.longTexts() == LongTexts.WINDOWS) {
            // The probabilities of a long text are means over its windows, which have no common temperature.
            errors.add(Problem.Error.field(
                    "task_options.calibrate",
                    "conflicting_options",
                    "'task_options.calibrate' cannot be true if 'long_texts' is windows. Omit one of them."));
        }
        boolean multiLabel = task == Task.MULTI_LABEL;
        if (asked.multiLabel() != null
                && asked.multiLabel() != multiLabel
                && tasks("multi_label").contains(Tasks.nameOf(task))) {
            errors.add(Problem.Error.field(
                    "task_options.multi_label",
                    "dataset_does_not_fit",
                    multiLabel
                            ? "The dataset has several labels per row (column role 'labels'). Set 'multi_label' to true"
                                    + " or omit it."
                            : "The dataset has one label per row. For several labels, upload a dataset with a column of"
                                    + " the role 'labels'."));
        }
        return asked.ofNewJob(task);
    }

    private static List<String> tasks(String option) {
        return Objects.requireNonNull(TASKS.get(option));
    }

    private static void refuse(String option, @Nullable Object value, Task task, List<Problem.Error> errors) {
        if (value != null && !tasks(option).contains(Tasks.nameOf(task))) {
            errors.add(Problem.Error.field(
                    "task_options." + option,
                    "not_of_task",
                    "'task_options.%s' applies only to %s. The task of this job is %s."
                            .formatted(option, String.join(" and ", tasks(option)), Tasks.nameOf(task))));
        }
    }
}
