package dev.anneal.report;

import dev.anneal.evaluation.Metric;
import dev.anneal.report.html.Cell;
import dev.anneal.report.html.Html;
import dev.anneal.report.html.Numbers;
import dev.anneal.report.html.Table;
import dev.anneal.report.section.MetricText;
import dev.anneal.report.section.Section;
import dev.anneal.report.section.Subject;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** All metrics of the report, with their intervals. */
record MetricTable(Subject subject) implements Section {
    @Override
    public String id() {
        return "metrics";
    }

    @Override
    public String title() {
        return "Metrics";
    }

    @Override
    public boolean isEmpty() {
        return subject.metrics().isEmpty();
    }

    @Override
    public void write(Html html) {
        JsonNode report = subject.report();
        JsonNode intervals = report.path("intervals");
        Table table = new Table(html, "Metrics of the model", "metric", ">value", ">95 % interval");
        for (Metric metric : subject.metrics()) {
            row(table, metric.name(), report, intervals);
        }
        row(table, "token_accuracy", report, intervals);
        for (String ranked : List.of("roc_auc", "average_precision")) {
            row(table, ranked, report.path("ranking"), intervals);
        }
        table.end();
        averages(html, report.path("averages"));
        if (report.path("tokens").isNumber()) {
            MetricText.note(html, "The loss is the mean over " + Numbers.count(report, "tokens") + " tokens.");
        }
    }

    private static void row(Table table, String metric, JsonNode figures, JsonNode intervals) {
        if (figures.path(metric).isNumber()) {
            table.row(
                    Cell.of(MetricText.heading(metric)),
                    Cell.of(MetricText.value(metric, figures)),
                    Cell.of(MetricText.interval(metric, intervals.path(metric))));
        }
    }

    private static void averages(Html html, JsonNode averages) {
        if (averages.isEmpty()) {
            return;
        }
        Table table = new Table(html, "Averages over the labels", "average", ">precision", ">recall", ">F1");
        for (String average : List.of("macro", "micro", "weighted")) {
            JsonNode figures = averages.path(average);
            table.row(
                    Cell.of(MetricText.upper(average)),
                    Cell.decimal(figures, "precision"),
                    Cell.decimal(figures, "recall"),
                    Cell.decimal(figures, "f1"));
        }
        table.end();
    }
}
