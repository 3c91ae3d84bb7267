package dev.anneal.training.finding;

import dev.anneal.evaluation.Report;
import dev.anneal.evaluation.curve.DataCurve;
import dev.anneal.evaluation.fold.CrossValidation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The results of the models on parts of the training rows.
 *
 * @param crossValidation the metrics of the folds, if there are folds; their predictions are then in the work directory
 * @param outOfFold the report on the training rows, each computed by the model of its fold
 * @param curve the points of the data curve without that of all rows, none if the job has no curve
 * @param rows the number of training rows
 */
public record PartResults(
        @Nullable CrossValidation crossValidation, @Nullable Report outOfFold, List<DataCurve.Point> curve, int rows) {
    /** The file with the predictions of the model of half of the rows for those of the report. */
    public static final String HALF = "half.jsonl";

    public static final PartResults NONE = new PartResults(null, null, List.of(), 0);
}
