package dev.anneal.evaluation;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * A metric of a report: its name on the wire, the title under which people see it, and whether a higher value is better. In
 * JSON it is its name.
 */
public record Metric(String name, String title, boolean higherIsBetter) {
    /** The loss, which every report has. */
    public static final Metric LOSS = new Metric("loss", "loss", false);

    /** Returns the metric of this name; the same name means the same metric in every task. */
    @JsonCreator
    public static Metric named(String name) {
        return Metrics.all().stream()
                .filter(metric -> metric.name.equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("There is no metric '" + name + "'."));
    }

    @Override
    @JsonValue
    public String name() {
        return name;
    }

    /** Returns by how much a value is better than another one; negative if it is worse. */
    public double gain(double value, double other) {
        return higherIsBetter ? value - other : other - value;
    }
}
