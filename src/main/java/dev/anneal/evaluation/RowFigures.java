package dev.anneal.evaluation;

import dev.anneal.evaluation.count.LabelCounts;
import dev.anneal.evaluation.count.LabelDraw;
import dev.anneal.evaluation.count.Ratio;
import dev.anneal.evaluation.interval.Bootstrap;
import dev.anneal.evaluation.interval.Interval;
import dev.anneal.evaluation.interval.McNemar;
import dev.anneal.evaluation.regression.RegressionFigures;
import dev.anneal.evaluation.regression.RegressionPredictions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of a model as functions of rows, so that they can be computed on rows that are drawn again.
 *
 * @param rows how many rows there are
 * @param names the metrics, by their names on the wire
 * @param statistic computes them, in the order of the names
 * @param isRight whether the prediction of a row is right; null if that has no meaning
 */
public record RowFigures(
        int rows,
        List<String> names,
        Bootstrap.Statistic statistic,
        @Nullable IntPredicate isRight) {

    public static RowFigures of(ClassificationPredictions predictions) {
        return ofLabels(predictions.labels().size(), predictions.expected(), predictions.found());
    }

    /**
     * Returns the figures of a classifier, given the number of the true label and that of the predicted one of each row. The Matthews
     * correlation is 0 for rows that get the same label, as in the report and in scikit-learn: the limit, by <a
     * href="https://doi.org/10.1186/s12864-019-6413-7">Chicco and Jurman, 2020</a>. If such draws did not count, a model that mostly
     * predicts one label would look better than chance. Draws of one label only are those of {@link LabelDraw}.
     */
    public static RowFigures ofLabels(int labels, int[] expected, int[] found) {
        return new RowFigures(
                expected.length,
                List.of("accuracy", "f1_macro", "matthews_correlation"),
                rows -> {
                    LabelCounts counts = new LabelCounts(labels);
                    for (int row : rows) {
                        counts.add(expected[row], found[row]);
                    }
                    if (LabelDraw.isOfOneLabel(expected, rows)) {
                        return new double[] {counts.accuracy(), Double.NaN, Double.NaN};
                    }
                    Double matthews = counts.matthewsCorrelation();
                    return new double[] {counts.accuracy(), counts.f1MacroOfOccurring(), matthews == null ? 0 : matthews
                    };
                },
                row -> expected[row] == found[row]);
    }

    /**
     * Returns the figures of a model that gives each row any number of labels. A label that the rows have, but a draw does not, is left
     * out of the macro F1 of the draw, which does not show its F1. A draw without any label has no F1.
     */
    public static RowFigures of(MultiLabelPredictions predictions) {
        int labels = predictions.labels().size();
        LabelsOfRows kept = LabelsOfRows.of(predictions);
        LabelCounts all = new LabelCounts(labels);
        for (int row = 0; row < predictions.size(); row++) {
            kept.add(row, all);
        }
        return new RowFigures(
                predictions.size(),
                List.of("f1_micro", "f1_macro", "accuracy"),
                rows -> {
                    LabelCounts counts = new LabelCounts(labels);
                    int right = 0;
                    for (int row : rows) {
                        right += kept.add(row, counts) ? 1 : 0;
                    }
                    boolean hasF1 = !counts.isEmpty() || all.isEmpty();
                    return new double[] {
                        hasF1 ? counts.f1Micro() : Double.NaN,
                        hasF1 ? counts.f1MacroOfDraw(all) : Double.NaN,
                        Ratio.of(right, rows.length)
                    };
                },
                row -> predictions.wrong(row) == 0);
    }

    public static RowFigures of(RegressionPredictions predictions) {
        return new RowFigures(
                predictions.size(),
                List.of("loss", "rmse", "mae", "r2", "pearson"),
                rows -> {
                    double[] expected = new double[rows.length];
                    double[] found = new double[rows.length];
                    for (int i = 0; i < rows.length; i++) {
                        expected[i] = predictions.expected()[rows[i]];
                        found[i] = predictions.predicted()[rows[i]];
                    }
                    RegressionFigures figures = new RegressionFigures(expected, found);
                    double loss = figures.meanSquaredError();
                    return new double[] {
                        loss,
                        Math.sqrt(loss),
                        figures.meanAbsoluteError(),
                        orNaN(figures.r2()),
                        orNaN(figures.pearson())
                    };
                },
                null);
    }

    public static RowFigures of(TokenClassificationPredictions predictions) {
        return EntityCounts.of(predictions).figures();
    }

    /** Returns the 95 % interval of each metric that has one. */
    Map<String, Interval> intervals() {
        Bootstrap bootstrap = Bootstrap.of(rows, statistic);
        Map<String, Interval> intervals = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            Interval interval = bootstrap.interval(i);
            if (interval != null) {
                intervals.put(names.get(i), interval);
            }
        }
        return intervals;
    }

    /** Compares with the metrics of another model on the same rows, in the same order: the differences are these minus those. */
    public Comparison minus(RowFigures other) {
        if (rows != other.rows || !names.equals(other.names)) {
            throw new IllegalArgumentException("The figures are not of the same rows and metrics.");
        }
        Bootstrap bootstrap = Bootstrap.of(rows, drawn -> {
            double[] differences = statistic.of(drawn);
            double[] others = other.statistic.of(drawn);
            for (int i = 0; i < differences.length; i++) {
                differences[i] -= others[i];
            }
            return differences;
        });
        Map<String, Comparison.Difference> differences = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            differences.put(
                    names.get(i),
                    new Comparison.Difference(bootstrap.figure(i), bootstrap.interval(i), bootstrap.pValue(i)));
        }
        return new Comparison(differences, mcNemar(other), List.of());
    }

    private Comparison.@Nullable RightRows mcNemar(RowFigures other) {
        if (isRight == null || other.isRight == null || rows == 0) {
            return null;
        }
        int onlyThis = 0;
        int onlyOther = 0;
        for (int row = 0; row < rows; row++) {
            boolean first = isRight.test(row);
            boolean second = other.isRight.test(row);
            onlyThis += first && !second ? 1 : 0;
            onlyOther += second && !first ? 1 : 0;
        }
        return new Comparison.RightRows(onlyThis, onlyOther, McNemar.pValue(onlyThis, onlyOther));
    }

    private static double orNaN(@Nullable Double value) {
        return value == null ? Double.NaN : value;
    }
}
