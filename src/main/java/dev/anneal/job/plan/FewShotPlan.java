package dev.anneal.job.plan;

import dev.anneal.dataset.Dataset;
import dev.anneal.dataset.rows.TrainingRows;
import dev.anneal.spec.FewShot;
import dev.anneal.spec.Method;
import dev.anneal.spec.TaskOptions;
import dev.anneal.transformer.architecture.LongTexts;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.web.Problem;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/** Checks a job with the method {@code few_shot}: its task, its options, and how many rows each label has. */
@Component
class FewShotPlan {
    private static final String TYPE = "method.type";
    /** The labels that a message names. */
    private static final int NAMED = 10;

    private final TrainingRows rows;

    FewShotPlan(TrainingRows rows) {
        this.rows = rows;
    }

    void check(
            Method method,
            JobRequest request,
            Task task,
            TaskOptions options,
            Dataset dataset,
            List<String> labels,
            List<Problem.Error> errors) {
        if (!method.learnsPairs()) {
            return;
        }
        if (task != Task.TEXT_CLASSIFICATION) {
            refuse(
                    TYPE,
                    "not_of_task",
                    "The method 'few_shot' applies only to text-classification with one label per text. Use another method.",
                    errors);
            return;
        }
        if (request.replay() != null) {
            refuse("replay", "not_of_method", "'replay' does not apply to the method 'few_shot'. Omit it.", errors);
        }
        if (options.longTexts() == LongTexts.WINDOWS) {
            refuse(
                    "task_options.long_texts",
                    "not_of_method",
                    "'task_options.long_texts' cannot be 'windows' with the method 'few_shot', which compares whole texts. Use 'truncate'.",
                    errors);
        }
        checkRows(request, dataset, labels, errors);
    }

    private void checkRows(JobRequest request, Dataset dataset, List<String> labels, List<Problem.Error> errors) {
        int seed = request.hyperparameters().seed();
        long count = rows.count(dataset.getId(), request.subset(), seed);
        if (count > FewShot.MOST_ROWS) {
            refuse(
                    TYPE,
                    "too_many_rows",
                    "The job has %,d training rows, but with the method 'few_shot' it can have at most %,d. Set 'subset', or use the method 'full'."
                            .formatted(count, FewShot.MOST_ROWS),
                    errors);
            return;
        }
        if (labels.size() > FewShot.MOST_LABELS) {
            refuse(
                    TYPE,
                    "too_many_labels",
                    "The dataset has %,d labels, but with the method 'few_shot' it can have at most %,d. Use the method 'full'."
                            .formatted(labels.size(), FewShot.MOST_LABELS),
                    errors);
            return;
        }
        Map<String, Long> counts = rows.labelCounts(dataset.getId(), request.subset(), seed);
        List<String> rare = labels.stream()
                .filter(label -> counts.getOrDefault(label, 0L) < FewShot.FEWEST_ROWS_OF_LABEL)
                .map(label -> "'" + Problem.quote(label) + "'")
                .toList();
        if (!rare.isEmpty()) {
            refuse(
                    TYPE,
                    "too_few_rows",
                    "The method 'few_shot' needs at least %d training rows of each label. Add rows of %s%s, or drop %s."
                            .formatted(
                                    FewShot.FEWEST_ROWS_OF_LABEL,
                                    String.join(", ", rare.subList(0, Math.min(NAMED, rare.size()))),
                                    rare.size() > NAMED ? " and %,d other labels".formatted(rare.size() - NAMED) : "",
                                    rare.size() == 1 ? "this label" : "these labels"),
                    errors);
        }
    }

    private static void refuse(String field, String code, String message, List<Problem.Error> errors) {
        errors.add(Problem.Error.field(field, code, message));
    }
}
