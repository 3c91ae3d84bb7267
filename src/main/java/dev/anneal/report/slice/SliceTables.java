package dev.anneal.report.slice;

import dev.anneal.report.chart.Strip;
import dev.anneal.report.html.Cell;
import dev.anneal.report.html.Html;
import dev.anneal.report.html.Table;
import dev.anneal.report.section.MetricText;
import dev.anneal.report.section.Section;
import dev.anneal.report.section.Subject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** The metric of parts of the rows, and its gaps. */
public record SliceTables(Subject subject) implements Section {
    private static final int MOST = 40;

    @Override
    public String id() {
        return "slices";
    }

    @Override
    public String title() {
        return "Parts of the rows";
    }

    @Override
    public boolean isEmpty() {
        return subject.findings().path("slices").isEmpty();
    }

    @Override
    public void write(Html html) {
        MetricText.note(
                html,
                "A gap is the metric of a part minus that of all other rows. If its interval contains 0, it may be chance.");
        for (JsonNode slices : subject.findings().path("slices")) {
            metric(slices).ifPresent(metric -> slices(html, slices, metric));
        }
    }

    /** Returns the first metric of the values. */
    private static Optional<String> metric(JsonNode slices) {
        return slices.path("values")
                .valueStream()
                .flatMap(slice -> slice.path("metrics").properties().stream())
                .map(Map.Entry::getKey)
                .findFirst();
    }

    private static void slices(Html html, JsonNode slices, String metric) {
        List<JsonNode> values = slices.path("values").valueStream().limit(MOST).toList();
        String column = slices.path("column").asString("");
        boolean isLength = column.equals("words");
        Strip strip = Strip.around0(
                values.stream().map(slice -> slice.path("metrics").path(metric)).toList(), "gap", "gap_interval");
        Table table = new Table(
                html,
                isLength ? "By the number of words" : "By the column " + Html.cut(column, 80),
                isLength ? "words" : "value",
                ">rows",
                ">" + MetricText.name(metric),
                ">95 % interval",
                ">gap",
                ">95 % interval of the gap",
                "");
        for (JsonNode slice : values) {
            JsonNode figure = slice.path("metrics").path(metric);
            table.row(
                    Cell.name(isLength ? length(slice) : slice.path("value").asString("")),
                    Cell.count(slice, "examples"),
                    Cell.of(MetricText.value(metric, figure, "value")),
                    Cell.of(MetricText.interval(metric, figure.path("interval"))),
                    Cell.of(MetricText.difference(metric, figure.path("gap"))),
                    Cell.of(MetricText.differences(metric, figure.path("gap_interval"))),
                    strip.cell(figure, "gap", "gap_interval"));
        }
        table.end();
        MetricText.leftOut(html, slices.path("values").size() - values.size(), "value");
    }

    private static String length(JsonNode slice) {
        return slice.path("value").asString("").replace("-", " to ");
    }
}
