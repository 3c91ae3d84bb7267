package dev.anneal.report;

import dev.anneal.report.html.Cell;
import dev.anneal.report.html.Html;
import dev.anneal.report.html.Numbers;
import dev.anneal.report.html.Table;
import dev.anneal.report.section.Section;
import dev.anneal.report.section.Subject;
import tools.jackson.databind.JsonNode;

/** The change of the model on text that has nothing to do with the training. */
record ForgettingTable(Subject subject) implements Section {
    @Override
    public String id() {
        return "forgetting";
    }

    @Override
    public String title() {
        return "Forgetting";
    }

    @Override
    public boolean isEmpty() {
        return !forgetting().path("probe").path("change").isNumber();
    }

    private JsonNode forgetting() {
        return subject.report().path("forgetting");
    }

    @Override
    public void write(Html html) {
        html.element("p", forgetting().path("message").asString(""));
        Table table = new Table(
                html,
                measure() + " of both models on text that has nothing to do with the training",
                "text",
                ">texts",
                ">base model",
                ">this model",
                ">change",
                ">same next token");
        row(table, "General English", forgetting().path("probe"));
        row(table, "Rows of the retained dataset", forgetting().path("retained"));
        table.end();
        JsonNode without = forgetting().path("without_remedies");
        if (without.path("message").isString()) {
            html.element("p", without.path("message").asString(""));
        }
    }

    private String measure() {
        return switch (forgetting().path("measure").asString("")) {
            case "loss" -> "Loss";
            case "masked_loss" -> "Loss of masked tokens";
            default -> "Cosine of pairs of texts";
        };
    }

    private static void row(Table table, String name, JsonNode change) {
        if (change.path("change").isNumber()) {
            table.row(
                    Cell.of(name),
                    Cell.count(change, "texts"),
                    Cell.decimal(change, "before"),
                    Cell.decimal(change, "after"),
                    Cell.of(Numbers.difference(change.path("change").asDouble())),
                    Cell.of(Numbers.percent(change, "agreement")));
        }
    }
}
