package dev.anneal.job.plan;

import dev.anneal.dataset.Dataset;
import dev.anneal.dataset.rows.TrainingRows;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.web.Problem;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/** Checks whether the training rows of a job can be divided into the parts that it asks for: folds, and those of a data curve. */
@Component
class PartCheck {
    private static final String FOLDS = "folds";
    private static final String CURVE = "data_curve";
    private static final int FEWEST_ROWS = 40;
    /** The numbers that the report needs at once: the scores of each row, and eight more. */
    private static final long MOST_NUMBERS = 100_000_000;

    private static final int MORE_NUMBERS = 8;

    private final TrainingRows rows;

    PartCheck(TrainingRows rows) {
        this.rows = rows;
    }

    void check(JobRequest request, Task task, Dataset dataset, List<String> labels, List<Problem.Error> errors) {
        Integer folds = request.folds();
        if (folds != null && isOf(FOLDS, task, errors)) {
            checkFolds(request, folds, task, dataset, labels, errors);
        }
        if (request.dataCurve() && isOf(CURVE, task, errors)) {
            checkCurve(request, dataset, errors);
        }
        if (request.replay() != null && (folds != null || request.dataCurve())) {
            errors.add(
                    Problem.Error.field(
                            "replay",
                            "conflicting_options",
                            "'replay' cannot be combined with 'folds' or 'data_curve', which divide the rows of one dataset. Omit one of them."));
        }
    }

    private static boolean isOf(String field, Task task, List<Problem.Error> errors) {
        if (!task.predictsTexts()) {
            errors.add(Problem.Error.field(
                    field,
                    "not_of_task",
                    "'%s' applies only to text-classification and text-regression. The task of this job is %s."
                            .formatted(field, Tasks.nameOf(task))));
        }
        return task.predictsTexts();
    }

    /** Checks that the report of a job with a data curve is not too large. */
    static void checkReported(JobRequest request, List<String> labels, long reported) {
        long most = mostRows(labels);
        if (request.dataCurve() && reported > most) {
            throw Problem.invalid(
                    CURVE,
                    "too_many_rows",
                    "The job has %,d rows for evaluation, but with 'data_curve' and %,d labels it can have at most %,d. Lower 'hyperparameters.evaluation_rows' or omit 'data_curve'."
                            .formatted(reported, labels.size(), most));
        }
    }

    private static long mostRows(List<String> labels) {
        return MOST_NUMBERS / (Math.max(1, labels.size()) + MORE_NUMBERS);
    }

    private void checkCurve(JobRequest request, Dataset dataset, List<Problem.Error> errors) {
        long count = rows.count(
                dataset.getId(), request.subset(), request.hyperparameters().seed());
        if (count < FEWEST_ROWS) {
            errors.add(Problem.Error.field(
                    CURVE,
                    "too_few_rows",
                    "'data_curve' needs at least %d training rows, but the job has only %,d. Omit it or add rows."
                            .formatted(FEWEST_ROWS, count)));
        }
        boolean isEvaluated = request.validationDataset() != null
                || request.testDataset() != null
                || dataset.splits().validation() + dataset.splits().test() > 0;
        if (!isEvaluated) {
            errors.add(
                    Problem.Error.field(
                            CURVE,
                            "no_evaluation_rows",
                            "'data_curve' needs validation or test rows. Add some to the dataset, or name a 'validation_dataset' or a 'test_dataset'."));
        }
    }

    private void checkFolds(
            JobRequest request,
            int folds,
            Task task,
            Dataset dataset,
            List<String> labels,
            List<Problem.Error> errors) {
        int seed = request.hyperparameters().seed();
        long count = rows.count(dataset.getId(), request.subset(), seed);
        if (count < folds) {
            refuse(
                    "too_many_folds",
                    "'folds' is %d, but the job has only %,d training rows. Lower 'folds' or add rows."
                            .formatted(folds, count),
                    errors);
        }
        long most = mostRows(labels);
        if (count > most) {
            refuse(
                    "too_many_rows",
                    "The job has %,d training rows, but with folds and %,d labels it can have at most %,d. Set 'subset' or omit 'folds'."
                            .formatted(count, labels.size(), most),
                    errors);
        }
        if (task.hasLabels()) {
            rows.labelCounts(dataset.getId(), request.subset(), seed).entrySet().stream()
                    .min(Map.Entry.<String, Long>comparingByValue().thenComparing(Map.Entry.comparingByKey()))
                    .filter(rarest -> rarest.getValue() < folds)
                    .ifPresent(rarest -> refuse(folds, rarest.getKey(), rarest.getValue(), errors));
        }
    }

    private static void refuse(int folds, String label, long count, List<Problem.Error> errors) {
        refuse(
                "too_many_folds",
                "'folds' is %d, but the label '%s' has only %s. %s"
                        .formatted(
                                folds,
                                Problem.quote(label),
                                count == 1 ? "1 training row" : "%,d training rows".formatted(count),
                                count < 2
                                        ? "Add rows with this label, or drop it."
                                        : "Use at most %,d folds, or add rows with this label.".formatted(count)),
                errors);
    }

    private static void refuse(String code, String message, List<Problem.Error> errors) {
        errors.add(Problem.Error.field(FOLDS, code, message));
    }
}
