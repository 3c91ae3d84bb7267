package dev.anneal.report;

import dev.anneal.report.html.Cell;
import dev.anneal.report.html.Html;
import dev.anneal.report.html.Numbers;
import dev.anneal.report.html.Table;
import dev.anneal.report.section.Section;
import dev.anneal.report.section.Subject;
import java.util.ArrayList;
import java.util.List;
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
        List<String> columns = new ArrayList<>(List.of("text", ">texts", ">base model", ">this model"));
        columns.addAll(isSimilarity() ? List.of(">moved by") : List.of(">change", ">same next token"));
        Table table = new Table(
                html,
                measure() + " of both models on text that has nothing to do with the training",
                columns.toArray(String[]::new));
        row(table, "General English", forgetting().path("probe"));
        row(table, "Rows of the retained dataset", forgetting().path("retained"));
        table.end();
        JsonNode without = forgetting().path("without_remedies");
        if (without.path("message").isString()) {
            html.element("p", without.path("message").asString(""));
        }
    }

    /** Similarities move up and down, so their mean move is not the difference of their means. */
    private boolean isSimilarity() {
        return forgetting().path("measure").asString("").equals("similarity");
    }

    private String measure() {
        return switch (forgetting().path("measure").asString("")) {
            case "loss" -> "Loss";
            case "masked_loss" -> "Loss of masked tokens";
            default -> "Cosine of pairs of texts";
        };
    }

    private void row(Table table, String name, JsonNode change) {
        if (change.path("change").isNumber()) {
            List<Cell> cells = new ArrayList<>(List.of(
                    Cell.of(name),
                    Cell.count(change, "texts"),
                    Cell.decimal(change, "before"),
                    Cell.decimal(change, "after")));
            cells.addAll(
                    isSimilarity()
                            ? List.of(Cell.decimal(change, "change"))
                            : List.of(
                                    Cell.of(Numbers.difference(
                                            change.path("change").asDouble())),
                                    Cell.of(Numbers.percent(change, "agreement"))));
            table.row(cells.toArray(Cell[]::new));
        }
    }
}
