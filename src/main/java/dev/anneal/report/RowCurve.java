package dev.anneal.report;

import dev.anneal.report.chart.Axis;
import dev.anneal.report.chart.Plot;
import dev.anneal.report.html.Cell;
import dev.anneal.report.html.Html;
import dev.anneal.report.html.Numbers;
import dev.anneal.report.html.Table;
import dev.anneal.report.section.MetricText;
import dev.anneal.report.section.Section;
import dev.anneal.report.section.Subject;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** The metrics of models that were trained on parts of the rows: whether more rows would help. */
record RowCurve(Subject subject) implements Section {
    @Override
    public String id() {
        return "data-curve";
    }

    @Override
    public String title() {
        return "More rows";
    }

    @Override
    public boolean isEmpty() {
        return curve().path("points").isEmpty();
    }

    private JsonNode curve() {
        return subject.report().path("data_curve");
    }

    @Override
    public void write(Html html) {
        String message = curve().path("message").asString("");
        html.element("p", message);
        String metric = curve().path("metric").asString("");
        List<JsonNode> models = curve().path("points").valueStream().toList();
        List<Plot.Point> points = models.stream()
                .map(model -> new Plot.Point(
                        model.path("rows").asDouble(0),
                        model.path("metrics").path(metric).isNumber()
                                ? model.path("metrics").path(metric).asDouble()
                                : Double.NaN))
                .toList();
        double[] values = points.stream()
                .mapToDouble(Plot.Point::y)
                .filter(Double::isFinite)
                .sorted()
                .toArray();
        if (values.length > 0) {
            new Plot(
                            "rows",
                            MetricText.heading(metric) + " by the number of training rows",
                            message,
                            Axis.of(
                                    "training rows",
                                    0,
                                    points.get(points.size() - 1).x()),
                            Axis.of(MetricText.name(metric), values[0], values[values.length - 1]))
                    .line(MetricText.name(metric), points)
                    .write(html);
        }
        List<String> metrics = models.get(0).path("metrics").properties().stream()
                .map(Map.Entry::getKey)
                .toList();
        Table table = new Table(
                html,
                "Models that were trained on parts of the rows",
                Stream.concat(
                                Stream.of(">training rows", ">share"),
                                metrics.stream().map(each -> ">" + MetricText.name(each)))
                        .toArray(String[]::new));
        for (JsonNode model : models) {
            table.row(Stream.concat(
                            Stream.of(
                                    Cell.count(model, "rows"),
                                    Cell.of(Numbers.plain(
                                                    100 * model.path("fraction").asDouble(0)) + " %")),
                            metrics.stream().map(each -> Cell.of(MetricText.value(each, model.path("metrics")))))
                    .toArray(Cell[]::new));
        }
        table.end();
    }
}
