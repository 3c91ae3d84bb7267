package dev.anneal.report;

import dev.anneal.report.chart.Bar;
import dev.anneal.report.html.Cell;
import dev.anneal.report.html.Html;
import dev.anneal.report.html.Table;
import dev.anneal.report.section.MetricText;
import dev.anneal.report.section.Section;
import dev.anneal.report.section.Subject;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** The metrics of each label. */
record LabelTable(Subject subject) implements Section {
    private static final int MOST_LABELS = 100;

    @Override
    public String id() {
        return "labels";
    }

    @Override
    public String title() {
        return "Labels";
    }

    @Override
    public boolean isEmpty() {
        return subject.report().path("labels").isEmpty();
    }

    @Override
    public void write(Html html) {
        JsonNode labels = subject.report().path("labels");
        Map<String, JsonNode> ranking = new HashMap<>();
        subject.report()
                .path("ranking")
                .path("labels")
                .forEach(label -> ranking.put(label.path("label").asString(""), label));
        Table table =
                new Table(html, "Metrics of each label", "label", ">F1", ">precision", ">recall", ">ROC-AUC", ">rows");
        for (JsonNode label : most(labels, MOST_LABELS)) {
            JsonNode ranked = ranking.getOrDefault(label.path("label").asString(""), label);
            table.row(
                    Cell.name(label, "label"),
                    Bar.cell(label, "f1"),
                    Cell.decimal(label, "precision"),
                    Cell.decimal(label, "recall"),
                    Cell.decimal(ranked, "roc_auc"),
                    Cell.count(label, "support"));
        }
        table.end();
        MetricText.leftOut(html, labels.size() - MOST_LABELS, "label");
    }

    /** Returns the labels as they are, or if there are too many the most frequent ones. */
    static List<JsonNode> most(JsonNode labels, int most) {
        return labels.size() <= most
                ? labels.valueStream().toList()
                : labels.valueStream()
                        .sorted(Comparator.comparingLong(
                                label -> -label.path("support").asLong(0)))
                        .limit(most)
                        .toList();
    }
}
