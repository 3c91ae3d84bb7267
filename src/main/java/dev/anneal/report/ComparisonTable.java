package dev.anneal.report;

import dev.anneal.evaluation.Metric;
import dev.anneal.evaluation.Metrics;
import dev.anneal.report.chart.Strip;
import dev.anneal.report.html.Cell;
import dev.anneal.report.html.Html;
import dev.anneal.report.html.Numbers;
import dev.anneal.report.html.Table;
import dev.anneal.report.section.MetricText;
import dev.anneal.report.section.Section;
import dev.anneal.report.section.Subject;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** The differences of the metrics to those of another evaluation of the same rows. */
record ComparisonTable(Subject subject) implements Section {
    /** The metrics of which a low value is good. */
    private static final Set<String> ERRORS = Stream.concat(
                    Stream.of("loss_per_row"),
                    Metrics.all().stream()
                            .filter(metric -> !metric.higherIsBetter())
                            .map(Metric::name))
            .collect(Collectors.toSet());

    @Override
    public String id() {
        return "comparison";
    }

    @Override
    public String title() {
        return "Comparison";
    }

    @Override
    public boolean isEmpty() {
        return !comparison().path("evaluation").isString();
    }

    private JsonNode comparison() {
        return subject.report().path("comparison");
    }

    @Override
    public void write(Html html) {
        html.open("p", "class", "note");
        html.text("The metrics of this model minus those of the evaluation ");
        html.user(comparison().path("evaluation").asString(""), 80);
        html.text(" on the same rows. If the interval contains 0, the difference may be chance.");
        html.close("p");
        comparison().path("left_out").forEach(sentence -> MetricText.note(html, sentence.asString("")));
        if (comparison().path("metrics").isEmpty()) {
            return;
        }
        Table table = new Table(
                html,
                "Differences of the metrics",
                "metric",
                ">difference",
                ">95 % interval",
                ">p",
                "better model",
                "");
        for (Map.Entry<String, JsonNode> metric : comparison().path("metrics").properties()) {
            String name = metric.getKey();
            JsonNode difference = metric.getValue();
            table.row(
                    Cell.of(MetricText.heading(name)),
                    Cell.of(MetricText.difference(name, difference.path("difference"))),
                    Cell.of(MetricText.differences(name, difference.path("interval"))),
                    Cell.of(probability(difference.path("p_value"))),
                    Cell.of(better(name, difference.path("interval"))),
                    ERRORS.contains(name) // the colours would say the opposite
                            ? Cell.of("")
                            : Strip.around0(List.of(difference), "difference", "interval")
                                    .cell(difference, "difference", "interval"));
        }
        table.end();
        JsonNode right = comparison().path("right_rows");
        if (right.path("p_value").isNumber()) {
            MetricText.note(
                    html,
                    "Only this model is right on %s, only the other one on %s (McNemar's exact test: p %s)."
                            .formatted(
                                    Numbers.count(right.path("only_first").asLong(), "row"),
                                    Numbers.count(right.path("only_second").asLong(), "row"),
                                    probability(right.path("p_value"))));
        }
    }

    private static String probability(JsonNode value) {
        return !value.isNumber()
                ? Numbers.NONE
                : value.asDouble() < 0.0001 ? "<0.0001" : String.format(Locale.ROOT, "%.4f", value.asDouble());
    }

    /** Returns which model is better, if the interval says so. */
    private static String better(String metric, JsonNode interval) {
        if (!interval.path("low").isNumber()
                || interval.path("low").asDouble() <= 0 && interval.path("high").asDouble() >= 0) {
            return "not known";
        }
        return interval.path("low").asDouble() > 0 == ERRORS.contains(metric) ? "the other" : "this one";
    }
}
