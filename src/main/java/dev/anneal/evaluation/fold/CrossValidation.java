package dev.anneal.evaluation.fold;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The metrics of the models of the folds, each on the rows of its fold, which it was not trained on.
 *
 * @param examples the number of rows of all folds
 * @param metrics by their names, without those that a fold does not have
 */
public record CrossValidation(int folds, int examples, Map<String, Spread> metrics) {
    /**
     * A metric of all folds.
     *
     * @param deviation the standard deviation of the folds, with n - 1 as the divisor
     * @param values those of the folds, in their order
     */
    public record Spread(double mean, double deviation, List<Double> values) {
        static Spread of(List<Double> values) {
            double mean = values.stream().mapToDouble(value -> value).average().orElseThrow();
            double squares = values.stream()
                    .mapToDouble(value -> (value - mean) * (value - mean))
                    .sum();
            return new Spread(mean, Math.sqrt(squares / (values.size() - 1)), values);
        }
    }

    /** Returns the spread of the metrics of two or more folds. */
    public static CrossValidation of(int examples, List<Map<String, Double>> folds) {
        Map<String, Spread> metrics = new LinkedHashMap<>();
        for (String name : folds.get(0).keySet()) {
            if (folds.stream().allMatch(fold -> fold.containsKey(name))) {
                metrics.put(
                        name,
                        Spread.of(folds.stream().map(fold -> fold.get(name)).toList()));
            }
        }
        return new CrossValidation(folds.size(), examples, metrics);
    }
}
