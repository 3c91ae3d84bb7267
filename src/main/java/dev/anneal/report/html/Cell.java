package dev.anneal.report.html;

import tools.jackson.databind.JsonNode;

/** The content of a cell of a table. */
@FunctionalInterface
public interface Cell {
    void write(Html html);

    static Cell of(String text) {
        return html -> html.text(text);
    }

    /** Returns a cell with the name that a user gave something: a label, a value of a column. */
    static Cell name(String name) {
        return html -> html.user(name, 80);
    }

    /** Returns a cell with a text of a dataset or a model. */
    static Cell words(String text) {
        return html -> html.open("div", "class", "words").user(text, 600).close("div");
    }

    /** Returns a cell with a text of a dataset or a model. */
    static Cell words(JsonNode node, String field) {
        return words(node.path(field).asString(Numbers.NONE));
    }

    static Cell name(JsonNode node, String field) {
        return name(node.path(field).asString(Numbers.NONE));
    }

    static Cell decimal(JsonNode node, String field) {
        return of(Numbers.decimal(node, field));
    }

    /** Returns a cell with a number that may count something, such as the examples of a report. */
    static Cell figure(JsonNode node, String field) {
        return node.path(field).isIntegralNumber() ? count(node, field) : decimal(node, field);
    }

    static Cell count(JsonNode node, String field) {
        return of(Numbers.count(node, field));
    }
}
