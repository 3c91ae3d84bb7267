package dev.anneal.job.plan;

import dev.anneal.evaluation.bias.TermLists;
import dev.anneal.spec.ReportOptions;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.web.JsonFields;
import dev.anneal.web.Problem;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads what a request chooses for its report, and refuses what the reports of a task do not have. */
final class ReportChoices {
    private static final int MOST_COLUMNS = 10;

    private ReportChoices() {}

    /** Returns null if nothing is chosen. */
    static @Nullable ReportOptions read(JsonFields fields, boolean isEvaluation) {
        List<String> sliceBy = fields.list("slice_by", MOST_COLUMNS, 1000);
        Map<String, Map<String, List<String>>> terms = terms(fields);
        String compareTo = isEvaluation ? fields.string("compare_to", 200) : null;
        return sliceBy == null && terms == null && compareTo == null
                ? null
                : new ReportOptions(sliceBy, terms, compareTo);
    }

    private static @Nullable Map<String, Map<String, List<String>>> terms(JsonFields fields) {
        JsonNode given = fields.get("terms");
        if (given == null) {
            return null;
        }
        try {
            return TermLists.of(given).asMap();
        } catch (TermLists.InvalidTermsException invalid) {
            fields.wrong("terms", "invalid_terms", String.valueOf(invalid.getMessage()));
            return null;
        }
    }

    static void check(@Nullable ReportOptions report, Task task, List<Problem.Error> errors) {
        if (report == null) {
            return;
        }
        boolean hasFindings = task.predictsTexts();
        refuse("slice_by", report.sliceBy() != null && !hasFindings, task, errors);
        refuse("terms", report.terms() != null && !hasFindings, task, errors);
        refuse("compare_to", report.compareTo() != null && !task.hasRowPredictions(), task, errors);
    }

    /** Refuses what a job chooses for its report if it has no rows for one. */
    static void refuseAll(JobRequest request, Task task, List<Problem.Error> errors) {
        ReportOptions report = request.report();
        Integer answers = request.taskOptions().generatedAnswers();
        refuseUnread("slice_by", report != null && report.sliceBy() != null, task, errors);
        refuseUnread("terms", report != null && report.terms() != null, task, errors);
        refuseUnread("retain_dataset", request.retainDataset() != null, task, errors);
        refuseUnread("task_options.generated_answers", answers != null && answers > 0, task, errors);
    }

    private static void refuseUnread(String field, boolean isRefused, Task task, List<Problem.Error> errors) {
        if (isRefused) {
            errors.add(Problem.Error.field(
                    field,
                    "no_evaluation_rows",
                    "'%s' is for the report, which needs validation or test rows. Add some to the dataset, or name a 'validation_dataset' or a 'test_dataset'%s."
                            .formatted(field, task.predictsTexts() ? ", or set 'folds'" : "")));
        }
    }

    private static void refuse(String field, boolean isRefused, Task task, List<Problem.Error> errors) {
        if (isRefused) {
            errors.add(Problem.Error.field(
                    field,
                    "not_of_task",
                    "The report of %s has no figures for '%s'. Omit it.".formatted(Tasks.nameOf(task), field)));
        }
    }
}
