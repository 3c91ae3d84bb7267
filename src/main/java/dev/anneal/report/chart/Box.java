package dev.anneal.report.chart;

import dev.anneal.report.html.Html;
import dev.anneal.report.html.Numbers;

/** A box plot: the range of values, of their middle half, and their median, with a line at 0. */
public record Box(
        double min, double low, double quarter, double median, double threeQuarters, double high, double max) {
    private static final double WIDTH = 360;
    private static final double MARGIN = 14;

    /** Writes the chart. The whiskers end at {@code low} and {@code high}; the ends of all values are dots. */
    public void write(Html html, String id, String title, String axisTitle) {
        Axis axis = Axis.of(axisTitle, Math.min(0, min), Math.max(0, max));
        html.open("figure", "class", "plot");
        html.open(
                        "svg",
                        "viewBox",
                        "0 0 360 96",
                        "role",
                        "img",
                        "aria-labelledby",
                        id + "-title " + id + "-description")
                .element("title", title, "id", id + "-title")
                .element(
                        "desc",
                        "Half of the values are between %s and %s, 90 percent between %s and %s, all between %s and %s."
                                .formatted(
                                        Numbers.decimal(quarter),
                                        Numbers.decimal(threeQuarters),
                                        Numbers.decimal(low),
                                        Numbers.decimal(high),
                                        Numbers.decimal(min),
                                        Numbers.decimal(max)),
                        "id",
                        id + "-description");
        for (double tick : axis.ticks()) {
            line(html, "grid", axis, tick, 8, tick, 58);
            html.element(
                    "text", axis.label(tick), "x", Plot.number(left(axis, tick)), "y", "73", "text-anchor", "middle");
        }
        line(html, "reference", axis, 0, 8, 0, 58);
        line(html, "line line-1", axis, low, 33, quarter, 33);
        line(html, "line line-1", axis, threeQuarters, 33, high, 33);
        html.empty(
                "rect",
                "class",
                "box",
                "x",
                Plot.number(left(axis, quarter)),
                "y",
                "20",
                "width",
                Plot.number(Math.max(1, left(axis, threeQuarters) - left(axis, quarter))),
                "height",
                "26");
        line(html, "line line-1", axis, median, 20, median, 46);
        for (double end : new double[] {min, max}) {
            html.empty("circle", "class", "point line-1", "cx", Plot.number(left(axis, end)), "cy", "33", "r", "3");
        }
        html.element("text", axisTitle, "x", "180", "y", "92", "text-anchor", "middle");
        html.close("svg").close("figure");
    }

    private static void line(Html html, String style, Axis axis, double x1, double y1, double x2, double y2) {
        html.empty(
                "path",
                "class",
                style,
                "d",
                "M" + Plot.number(left(axis, x1)) + " " + Plot.number(y1) + "L" + Plot.number(left(axis, x2)) + " "
                        + Plot.number(y2));
    }

    private static double left(Axis axis, double value) {
        return MARGIN + axis.place(value) * (WIDTH - 2 * MARGIN);
    }
}
