package dev.anneal.report.chart;

import dev.anneal.report.html.Html;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A chart of lines over two axes. Lines differ in colour and in their dashes, so that they can be told apart without colours. */
public final class Plot {
    /** The largest number of points with a mark; more would merge. */
    private static final int MOST_MARKS = 40;

    private static final double WIDTH = 360;
    private static final double HEIGHT = 230;
    private static final double LEFT = 46;
    private static final double RIGHT = 12;
    private static final double TOP = 10;
    private static final double BOTTOM = 40;

    /** A point of a line. A value that is not defined interrupts the line. */
    public record Point(double x, double y) {
        boolean isDefined() {
            return Double.isFinite(x) && Double.isFinite(y);
        }
    }

    private record Line(String name, List<Point> points) {}

    private final String id;
    private final String title;
    private final String description;
    private final Axis x;
    private final Axis y;
    private final List<Line> lines = new ArrayList<>();
    private boolean hasDiagonal;
    private double mark = Double.NaN;
    private String markName = "";

    /**
     * Makes a chart.
     *
     * @param id is used once in a page
     * @param title names the chart for those who cannot see it
     * @param description says what it shows, with the numbers that matter
     */
    public Plot(String id, String title, String description, Axis x, Axis y) {
        this.id = id;
        this.title = title;
        this.description = description;
        this.x = x;
        this.y = y;
    }

    public Plot line(String name, List<Point> points) {
        lines.add(new Line(name, points));
        return this;
    }

    /** Draws the line on which both values are equal. */
    public Plot diagonal() {
        hasDiagonal = true;
        return this;
    }

    /** Draws a vertical line. */
    public Plot mark(double at, String name) {
        mark = at;
        markName = name;
        return this;
    }

    public void write(Html html) {
        html.open("figure", "class", "plot");
        html.open(
                        "svg",
                        "viewBox",
                        "0 0 " + number(WIDTH) + " " + number(HEIGHT),
                        "role",
                        "img",
                        "aria-labelledby",
                        id + "-title " + id + "-description")
                .element("title", title, "id", id + "-title")
                .element("desc", description, "id", id + "-description");
        axes(html);
        if (hasDiagonal) {
            segment(html, "reference", left(x.min()), top(y.min()), left(x.max()), top(y.max()));
        }
        if (Double.isFinite(mark)) {
            segment(html, "reference", left(mark), TOP, left(mark), HEIGHT - BOTTOM);
        }
        for (int i = 0; i < lines.size(); i++) {
            draw(html, lines.get(i), "line-" + (i + 1));
        }
        html.close("svg");
        legend(html);
        html.close("figure");
    }

    private void axes(Html html) {
        for (double tick : y.ticks()) {
            segment(html, "grid", LEFT, top(tick), WIDTH - RIGHT, top(tick));
            label(html, y.label(tick), LEFT - 6, top(tick) + 4, "end");
        }
        for (double tick : x.ticks()) {
            segment(html, "tick", left(tick), HEIGHT - BOTTOM, left(tick), HEIGHT - BOTTOM + 4);
            label(html, x.label(tick), left(tick), HEIGHT - BOTTOM + 17, "middle");
        }
        segment(html, "axis", LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM);
        label(html, x.title(), (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, "middle");
        html.element(
                "text",
                y.title(),
                "transform",
                "translate(11 " + number((TOP + HEIGHT - BOTTOM) / 2) + ") rotate(-90)",
                "text-anchor",
                "middle");
    }

    private void draw(Html html, Line line, String style) {
        StringBuilder path = new StringBuilder();
        boolean isConnected = false;
        for (Point point : line.points()) {
            if (point.isDefined()) {
                path.append(isConnected ? 'L' : 'M')
                        .append(number(left(point.x())))
                        .append(' ')
                        .append(number(top(point.y())));
            }
            isConnected = point.isDefined();
        }
        html.empty("path", "class", "line " + style, "d", path.toString());
        if (line.points().size() <= MOST_MARKS) {
            for (Point point : line.points()) {
                if (point.isDefined()) {
                    html.empty(
                            "circle",
                            "class",
                            "point " + style,
                            "cx",
                            number(left(point.x())),
                            "cy",
                            number(top(point.y())),
                            "r",
                            "3");
                }
            }
        }
    }

    private void legend(Html html) {
        html.open("figcaption", "class", "legend");
        for (int i = 0; i < lines.size(); i++) {
            sample(html, "line line-" + (i + 1), lines.get(i).name());
        }
        if (Double.isFinite(mark)) {
            sample(html, "reference", markName);
        }
        html.close("figcaption");
    }

    private static void sample(Html html, String style, String name) {
        html.open("span").open("svg", "viewBox", "0 0 26 8", "class", "sample", "aria-hidden", "true");
        html.empty("path", "class", style, "d", "M1 4L25 4");
        html.close("svg").user(name, 60).close("span").text(" ");
    }

    private static void segment(Html html, String style, double x1, double y1, double x2, double y2) {
        html.empty(
                "path", "class", style, "d", "M" + number(x1) + " " + number(y1) + "L" + number(x2) + " " + number(y2));
    }

    private static void label(Html html, String text, double x, double y, String anchor) {
        html.element("text", text, "x", number(x), "y", number(y), "text-anchor", anchor);
    }

    private double left(double value) {
        return LEFT + x.place(value) * (WIDTH - LEFT - RIGHT);
    }

    private double top(double value) {
        return HEIGHT - BOTTOM - y.place(value) * (HEIGHT - TOP - BOTTOM);
    }

    static String number(double value) {
        String text = String.format(Locale.ROOT, "%.1f", value);
        return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }
}
