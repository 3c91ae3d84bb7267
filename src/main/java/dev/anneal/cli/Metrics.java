package dev.anneal.cli;

import dev.anneal.evaluation.Metric;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** The figures of the tasks, in the order in which they are shown, under the names that people give them. */
final class Metrics {
    private static final Map<String, String> NAMES = dev.anneal.evaluation.Metrics.all().stream()
            .filter(metric -> !metric.equals(Metric.LOSS)) // which is shown with the losses
            .collect(Collectors.toMap(Metric::name, Metric::title, (title, same) -> title, LinkedHashMap::new));

    private Metrics() {}

    /** Those of them that there are; the name of each leads to its heading. */
    static List<String> in(JsonNode figures) {
        return NAMES.keySet().stream().filter(figures::hasNonNull).toList();
    }

    static String heading(String metric) {
        return NAMES.get(metric);
    }

    static String value(JsonNode figures, String metric) {
        return metric.equals("accuracy") ? Fields.percent(figures, metric) : Fields.decimal(figures, metric, 3);
    }

    /** accuracy 93.5%   macro F1 0.935. */
    static String line(JsonNode figures) {
        return in(figures).stream()
                .map(metric -> heading(metric) + " " + value(figures, metric))
                .collect(Collectors.joining("   "));
    }

    /** The first figure, for where there is room for one. */
    static String first(JsonNode figures) {
        return in(figures).stream()
                .findFirst()
                .map(metric -> heading(metric) + " " + value(figures, metric))
                .orElse(Fields.NONE);
    }
}
