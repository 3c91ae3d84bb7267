package dev.anneal.report;

import dev.anneal.report.chart.Axis;
import dev.anneal.report.chart.Plot;
import dev.anneal.report.html.Cell;
import dev.anneal.report.html.Html;
import dev.anneal.report.html.Table;
import dev.anneal.report.section.MetricText;
import dev.anneal.report.section.Section;
import dev.anneal.report.section.Subject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** The thresholds with the best F1, and precision and recall at others. */
record Thresholds(Subject subject) implements Section {
    private static final int MOST_LABELS = 50;
    private static final int MOST_CHARTS = 4;

    @Override
    public String id() {
        return "thresholds";
    }

    @Override
    public String title() {
        return "Thresholds";
    }

    @Override
    public boolean isEmpty() {
        return labels().stream().noneMatch(label -> !label.path("curve").isEmpty());
    }

    private List<JsonNode> labels() {
        return subject.report().path("ranking").path("labels").valueStream().toList();
    }

    @Override
    public void write(Html html) {
        List<JsonNode> labels = labels();
        MetricText.note(
                html,
                "A label is given to all rows with at least this score. The prediction endpoint returns all scores, so a client can apply a threshold.");
        List<JsonNode> tuned = labels.stream()
                .filter(label -> label.path("tuned").path("threshold").isNumber())
                .toList();
        if (!tuned.isEmpty()) {
            table(html, tuned);
        }
        // Of two labels, each is the other one's complement.
        List<JsonNode> curves = labels.stream()
                .filter(label -> !label.path("curve").isEmpty())
                .skip(labels.size() == 2 && !isMultiLabel() ? 1 : 0)
                .toList();
        html.open("div", "class", "charts");
        for (int i = 0; i < Math.min(MOST_CHARTS, curves.size()); i++) {
            chart(html, i, curves.get(i));
        }
        html.close("div");
        MetricText.leftOut(html, curves.size() - MOST_CHARTS, "curve");
    }

    private boolean isMultiLabel() {
        return Boolean.TRUE.equals(subject.spec().taskOptions().multiLabel());
    }

    private void table(Html html, List<JsonNode> tuned) {
        Map<String, JsonNode> before = new HashMap<>();
        subject.report()
                .path("labels")
                .forEach(label -> before.put(label.path("label").asString(""), label));
        Table table = new Table(
                html,
                "Thresholds with the best F1 on the validation rows",
                "label",
                ">threshold",
                ">F1 with it",
                ">F1 without",
                ">precision",
                ">recall");
        for (JsonNode label : tuned.subList(0, Math.min(MOST_LABELS, tuned.size()))) {
            JsonNode figures = label.path("tuned");
            table.row(
                    Cell.name(label, "label"),
                    Cell.decimal(figures, "threshold"),
                    Cell.decimal(figures, "f1"),
                    Cell.decimal(before.getOrDefault(label.path("label").asString(""), label), "f1"),
                    Cell.decimal(figures, "precision"),
                    Cell.decimal(figures, "recall"));
        }
        table.end();
        MetricText.leftOut(html, tuned.size() - MOST_LABELS, "label");
    }

    private static void chart(Html html, int number, JsonNode label) {
        String name = Html.cut(label.path("label").asString(""), 40);
        html.open("div").open("h3").text("Label ").user(name, 40).close("h3");
        Plot plot = new Plot(
                "thresholds-" + number,
                "Precision, recall and F1 of the label " + name + " by the threshold",
                "A table of the thresholds with the best F1 is above, if there are validation rows.",
                Axis.ofShares("threshold"),
                Axis.ofShares("share"));
        for (String figure : List.of("precision", "recall", "f1")) {
            plot.line(
                    figure.equals("f1") ? "F1" : figure,
                    label.path("curve")
                            .valueStream()
                            .map(at -> new Plot.Point(
                                    at.path("threshold").asDouble(0),
                                    at.path(figure).isNumber() ? at.path(figure).asDouble() : Double.NaN))
                            .toList());
        }
        if (label.path("tuned").path("threshold").isNumber()) {
            plot.mark(label.path("tuned").path("threshold").asDouble(), "best F1 on validation rows");
        }
        plot.write(html);
        html.close("div");
    }
}
