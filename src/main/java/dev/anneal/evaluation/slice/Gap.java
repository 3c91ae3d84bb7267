package dev.anneal.evaluation.slice;

import dev.anneal.evaluation.interval.ManyIntervals;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * The gap of a slice in its first metric, as a report in JSON has it.
 *
 * @param size the difference of the metric to that of the other rows
 * @param figure the metric with its gap
 */
public record Gap(String column, String value, int examples, String metric, double size, JsonNode figure) {
    /** Returns the gaps that are more than chance, although as many were looked at as there are slices; the largest first. */
    public static List<Gap> sure(JsonNode findings) {
        List<Gap> all = findings.path("slices")
                .valueStream()
                .flatMap(slices -> slices.path("values")
                        .valueStream()
                        .flatMap(slice -> slice.path("metrics").properties().stream()
                                .limit(1)
                                .map(metric -> of(slices, slice, metric))))
                .filter(Gap::hasInterval)
                .toList();
        return all.stream()
                .filter(gap -> gap.isSure(all.size()))
                .sorted(Comparator.comparingDouble(gap -> -Math.abs(gap.size)))
                .toList();
    }

    private static Gap of(JsonNode slices, JsonNode slice, Map.Entry<String, JsonNode> metric) {
        return new Gap(
                slices.path("column").asString(""),
                slice.path("value").asString(""),
                slice.path("examples").asInt(0),
                metric.getKey(),
                metric.getValue().path("gap").asDouble(0),
                metric.getValue());
    }

    /** Returns whether there is an interval. Those of very few rows, which older reports have, are of no use. */
    private boolean hasInterval() {
        return examples >= Slices.FEWEST_ROWS
                && figure.path("gap_interval").path("low").isNumber();
    }

    private boolean isSure(int compared) {
        JsonNode interval = figure.path("gap_interval");
        return ManyIntervals.excludes0(
                size, interval.path("low").asDouble(0), interval.path("high").asDouble(0), compared);
    }
}
