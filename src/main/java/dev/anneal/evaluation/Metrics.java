package dev.anneal.evaluation;

import dev.anneal.transformer.architecture.Task;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of a type of report in the order in which they are shown, and the one that selects the published epoch by
 * default. Each report type declares its own; whoever needs names, titles or directions asks here.
 */
public final class Metrics<R extends Report> {
    private final String byDefault;
    private final Map<Metric, Function<R, @Nullable Double>> values = new LinkedHashMap<>();

    /** Starts with the loss, which every report has. */
    Metrics(String byDefault, Function<R, @Nullable Double> loss) {
        this.byDefault = byDefault;
        values.put(Metric.LOSS, loss);
    }

    /** Adds a metric of which higher values are better. */
    Metrics<R> higherIsBetter(String name, String title, Function<R, @Nullable Double> value) {
        values.put(new Metric(name, title, true), value);
        return this;
    }

    /** Adds a metric of which lower values are better. */
    Metrics<R> lowerIsBetter(String name, String title, Function<R, @Nullable Double> value) {
        values.put(new Metric(name, title, false), value);
        return this;
    }

    /** Returns the metrics of a task. */
    public static Metrics<?> of(Task task) {
        return switch (task) {
            case TEXT_CLASSIFICATION -> ClassificationReport.METRICS;
            case MULTI_LABEL -> MultiLabelReport.METRICS;
            case TEXT_REGRESSION -> RegressionReport.METRICS;
            case TOKEN_CLASSIFICATION -> TokenClassificationReport.METRICS;
            case CAUSAL_LM, MASKED_LM -> LanguageModelReport.METRICS;
        };
    }

    /** Returns the metrics of all tasks, each once. */
    public static List<Metric> all() {
        return Arrays.stream(Task.values())
                .flatMap(task -> of(task).list().stream())
                .distinct()
                .toList();
    }

    public List<Metric> list() {
        return new ArrayList<>(values.keySet());
    }

    public List<String> names() {
        return values.keySet().stream().map(Metric::name).toList();
    }

    /** Returns the metric that selects the published epoch if the user names none. */
    public Metric byDefault() {
        return values.keySet().stream()
                .filter(metric -> metric.name().equals(byDefault))
                .findFirst()
                .orElseThrow();
    }

    /** Returns the values of a report by the names of the metrics, without those that it lacks. */
    Map<String, Double> of(R report) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        values.forEach((metric, function) -> {
            Double value = function.apply(report);
            if (value != null) {
                metrics.put(metric.name(), value);
            }
        });
        return metrics;
    }
}
