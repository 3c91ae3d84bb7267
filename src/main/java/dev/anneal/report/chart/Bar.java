package dev.anneal.report.chart;

import dev.anneal.report.html.Cell;
import dev.anneal.report.html.Numbers;
import tools.jackson.databind.JsonNode;

/** A share from 0 to 1 in a cell of a table, as a number and as a bar behind it. */
public final class Bar {
    private Bar() {}

    public static Cell cell(JsonNode node, String field) {
        double share = node.path(field).asDouble(0);
        return html -> {
            html.open("div", "class", "bar");
            html.open("svg", "viewBox", "0 0 100 10", "preserveAspectRatio", "none", "aria-hidden", "true");
            html.empty("rect", "class", "track", "width", "100", "height", "10");
            html.empty(
                    "rect",
                    "class",
                    "fill",
                    "width",
                    Plot.number(100 * Math.max(0, Math.min(1, share))),
                    "height",
                    "10");
            html.close("svg").element("span", Numbers.decimal(node, field)).close("div");
        };
    }
}
