package dev.anneal.evaluation;

import java.util.LinkedHashMap;
import java.util.Map;

/** Named figures in an order of their own. */
final class Metrics {
    private Metrics() {}

    static Map<String, Double> of(Object... namesAndValues) {
        Map<String, Double> figures = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            figures.put((String) namesAndValues[i], (Double) namesAndValues[i + 1]);
        }
        return figures;
    }

    static double share(double part, double whole) {
        return whole == 0 ? 0 : part / whole;
    }
}
