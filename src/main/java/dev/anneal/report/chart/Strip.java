package dev.anneal.report.chart;

import dev.anneal.report.html.Cell;
import dev.anneal.report.html.Html;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * A small chart for each row of a table: a value with its interval on the scale of all rows, and a line at 0 if the scale contains it.
 * Its numbers are in the table, too, so it is hidden from those who cannot see it.
 */
public record Strip(double min, double max) {
    private static final double WIDTH = 120;
    private static final double MARGIN = 5;

    /** Returns the scale for values and their intervals, always with 0. */
    public static Strip around0(List<JsonNode> values, String value, String interval) {
        double min = 0;
        double max = 0;
        for (JsonNode each : values) {
            double at = each.path(value).asDouble(0);
            min = Math.min(min, Math.min(at, each.path(interval).path("low").asDouble(at)));
            max = Math.max(max, Math.max(at, each.path(interval).path("high").asDouble(at)));
        }
        return max > min ? new Strip(min, max) : new Strip(-1, 1);
    }

    public Cell cell(JsonNode node, String value, String interval) {
        return html -> write(html, node.path(value), node.path(interval));
    }

    private void write(Html html, JsonNode value, JsonNode interval) {
        if (!value.isNumber()) {
            return;
        }
        double low = interval.path("low").asDouble(value.asDouble());
        double high = interval.path("high").asDouble(value.asDouble());
        boolean isKnown = interval.path("low").isNumber();
        String style = isKnown && low > 0 ? "above" : isKnown && high < 0 ? "below" : "unsure";
        html.open("svg", "class", "strip " + style, "viewBox", "0 0 120 16", "aria-hidden", "true");
        path(html, "tick", place(0), 1, place(0), 15);
        if (high > low) {
            path(html, "range", place(low), 8, place(high), 8);
        }
        html.empty("circle", "cx", Plot.number(place(value.asDouble())), "cy", "8", "r", "3.5");
        html.close("svg");
    }

    private double place(double value) {
        return MARGIN + (value - min) / (max - min) * (WIDTH - 2 * MARGIN);
    }

    private static void path(Html html, String style, double x1, double y1, double x2, double y2) {
        html.empty(
                "path",
                "class",
                style,
                "d",
                "M" + Plot.number(x1) + " " + Plot.number(y1) + "L" + Plot.number(x2) + " " + Plot.number(y2));
    }
}
