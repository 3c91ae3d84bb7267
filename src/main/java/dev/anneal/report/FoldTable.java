package dev.anneal.report;

import dev.anneal.report.html.Cell;
import dev.anneal.report.html.Html;
import dev.anneal.report.html.Numbers;
import dev.anneal.report.html.Table;
import dev.anneal.report.section.MetricText;
import dev.anneal.report.section.Section;
import dev.anneal.report.section.Subject;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** The metrics of the models of folds, each on the rows that it was not trained on. */
record FoldTable(Subject subject) implements Section {
    @Override
    public String id() {
        return "folds";
    }

    @Override
    public String title() {
        return "Cross-validation";
    }

    @Override
    public boolean isEmpty() {
        return folds().path("metrics").isEmpty();
    }

    private JsonNode folds() {
        return subject.report().path("cross_validation");
    }

    @Override
    public void write(Html html) {
        MetricText.note(
                html,
                "The models of %s, each on the rows of its fold, which it was not trained on: %s of the training data together."
                        .formatted(
                                Numbers.count(folds().path("folds").asLong(0), "fold"),
                                Numbers.count(folds().path("examples").asLong(0), "row")));
        Table table = new Table(html, "Metrics of the folds", "metric", ">mean", ">deviation", "folds");
        for (Map.Entry<String, JsonNode> metric : folds().path("metrics").properties()) {
            JsonNode spread = metric.getValue();
            table.row(
                    Cell.of(MetricText.heading(metric.getKey())),
                    Cell.of(MetricText.value(metric.getKey(), spread, "mean")),
                    Cell.of(MetricText.value(metric.getKey(), spread, "deviation")),
                    Cell.of(spread.path("values")
                            .valueStream()
                            .map(value -> value.isNumber() ? Numbers.decimal(value.asDouble()) : Numbers.NONE)
                            .collect(Collectors.joining("  "))));
        }
        table.end();
    }
}
