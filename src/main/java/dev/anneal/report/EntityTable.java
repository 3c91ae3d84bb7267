package dev.anneal.report;

import dev.anneal.report.chart.Bar;
import dev.anneal.report.html.Cell;
import dev.anneal.report.html.Html;
import dev.anneal.report.html.Numbers;
import dev.anneal.report.html.Table;
import dev.anneal.report.section.MetricText;
import dev.anneal.report.section.Section;
import dev.anneal.report.section.Subject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** The metrics of each type of entity: strict, and with half the credit for a part of an entity. */
record EntityTable(Subject subject) implements Section {
    private static final int MOST_TYPES = 100;

    @Override
    public String id() {
        return "entities";
    }

    @Override
    public String title() {
        return "Entities";
    }

    @Override
    public boolean isEmpty() {
        return subject.report().path("entities").isEmpty();
    }

    @Override
    public void write(Html html) {
        JsonNode partial = subject.report().path("partial");
        MetricText.note(
                html,
                "An entity is right if both its words and its type are. Partial F1 gives half the credit for an entity that has some of the words of an expected one of the same type.");
        Map<String, JsonNode> parts = new HashMap<>();
        partial.path("entities").forEach(type -> parts.put(type.path("label").asString(""), type));
        Table table = new Table(
                html, "Metrics of each type", "type", ">F1", ">precision", ">recall", ">partial F1", ">entities");
        List<JsonNode> types = LabelTable.most(subject.report().path("entities"), MOST_TYPES);
        for (JsonNode type : types) {
            table.row(
                    Cell.name(type, "label"),
                    Bar.cell(type, "f1"),
                    Cell.decimal(type, "precision"),
                    Cell.decimal(type, "recall"),
                    Cell.of(Numbers.decimal(
                            parts.getOrDefault(type.path("label").asString(""), partial.path("none")), "f1")),
                    Cell.count(type, "support"));
        }
        if (partial.path("f1").isNumber()) {
            table.row(
                    Cell.of("all types"),
                    Bar.cell(subject.report(), "f1"),
                    Cell.decimal(subject.report(), "precision"),
                    Cell.decimal(subject.report(), "recall"),
                    Cell.decimal(partial, "f1"),
                    Cell.of(Numbers.count(subject.report()
                            .path("entities")
                            .valueStream()
                            .mapToLong(type -> type.path("support").asLong(0))
                            .sum())));
        }
        table.end();
        MetricText.leftOut(html, subject.report().path("entities").size() - types.size(), "type");
    }
}
