package dev.anneal.evaluation.linear;

import java.util.Arrays;
import java.util.BitSet;
import java.util.function.Function;

/**
 * Fits linear models to rows, with the regularization of scikit-learn's {@code LogisticRegression()} and {@code Ridge()}.
 *
 * @param width the number of entries that a row may have
 * @param check is run before each pass over the rows, and may throw an exception to end it
 */
record LinearFits(SparseRows rows, int width, double tolerance, Runnable check) {
    /** Fitted models, one for all outputs or one for each, and what their outputs mean. */
    record Fit(LinearModel[] models, Function<double[], double[]> scores) {
        /** Returns the probability of each label, or a number. */
        double[] scores(Vocabulary.Vector vector) {
            return scores.apply(
                    models.length == 1
                            ? models[0].outputs(vector)
                            : Arrays.stream(models)
                                    .mapToDouble(model -> model.outputs(vector)[0])
                                    .toArray());
        }

        double[] scores(SparseRows rows, int row) {
            return scores.apply(models[0].outputs(rows, row));
        }

        boolean isConverged() {
            return Arrays.stream(models).allMatch(LinearModel::isConverged);
        }
    }

    /** Fits a model of rows that have one label each, given by its number. */
    Fit labels(int[] labels, int count, BitSet leftOut) {
        LinearModel.OneLabel targets = new LinearModel.OneLabel(labels, count);
        return new Fit(new LinearModel[] {fit(targets, leftOut)}, targets::probabilities);
    }

    /** Fits a model of rows that have any number of labels: {@code rowsOfLabel} has those rows that have a label. */
    Fit labelSets(BitSet[] rowsOfLabel) {
        LinearModel[] models = Arrays.stream(rowsOfLabel)
                .map(yes -> fit(new LinearModel.YesOrNo(yes), new BitSet()))
                .toArray(LinearModel[]::new);
        return new Fit(
                models,
                outputs -> Arrays.stream(outputs).map(LinearModel::sigmoid).toArray());
    }

    /** Fits a model of rows that have numbers, which are centered and scaled: numbers far from 0 would make the search slow. */
    Fit numbers(double[] numbers) {
        double mean = Arrays.stream(numbers).average().orElse(0);
        double deviation = Math.sqrt(Arrays.stream(numbers)
                .map(number -> (number - mean) * (number - mean))
                .average()
                .orElse(0));
        double divisor = deviation > 0 ? deviation : 1;
        double[] scaled =
                Arrays.stream(numbers).map(number -> (number - mean) / divisor).toArray();
        return new Fit(new LinearModel[] {fit(new LinearModel.Numbers(scaled), new BitSet())}, outputs ->
                new double[] {mean + divisor * outputs[0]});
    }

    private LinearModel fit(LinearModel.Targets targets, BitSet leftOut) {
        double pull = 1.0 / Math.max(1, rows.rows() - leftOut.cardinality());
        return LinearModel.fit(rows, width, targets, leftOut, pull, tolerance, check);
    }
}
