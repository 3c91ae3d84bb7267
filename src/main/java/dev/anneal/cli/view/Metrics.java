package dev.anneal.cli.view;

import dev.anneal.cli.terminal.Fields;
import dev.anneal.evaluation.Metric;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** The metrics of all tasks: their order and their names. */
public final class Metrics {
    private static final Map<String, String> NAMES = dev.anneal.evaluation.Metrics.all().stream()
            .filter(metric -> !metric.equals(Metric.LOSS)) // which is shown with the losses
            .collect(Collectors.toMap(Metric::name, Metric::title, (title, same) -> title, LinkedHashMap::new));

    private Metrics() {}

    /** Returns the fields of the metrics that are there. */
    public static List<String> in(JsonNode figures) {
        return NAMES.keySet().stream().filter(figures::hasNonNull).toList();
    }

    static String heading(String metric) {
        return NAMES.getOrDefault(metric, metric);
    }

    static String value(JsonNode figures, String metric) {
        return metric.equals("accuracy") ? Fields.percent(figures, metric) : Fields.decimal(figures, metric, 3);
    }

    /** Returns all that are there, such as {@code accuracy 93.5%   macro F1 0.935}. */
    public static String line(JsonNode figures) {
        return in(figures).stream()
                .map(metric -> heading(metric) + " " + value(figures, metric))
                .collect(Collectors.joining("   "));
    }

    /** Returns a metric's name, also of those that no table shows: {@code macro F1}, {@code loss}. */
    public static String name(String metric) {
        return NAMES.getOrDefault(metric, metric.replace('_', ' '));
    }

    /** Returns the first that is there, for tables with room for one. */
    public static String first(JsonNode figures) {
        return in(figures).stream()
                .findFirst()
                .map(metric -> heading(metric) + " " + value(figures, metric))
                .orElse(Fields.NONE);
    }
}
