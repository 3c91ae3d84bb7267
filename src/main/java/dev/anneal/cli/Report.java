package dev.anneal.cli;

import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** How good a model is: the figures of its task, then label by label, then what it got most wrong. */
record Report(JsonNode json) {
    private static final int MISTAKES = 3;

    void print(Terminal terminal) {
        String split = Fields.text(json, "split");
        String figures = Metrics.line(json);
        terminal.line(terminal.bold(Character.toUpperCase(split.charAt(0)) + split.substring(1) + " " + figures)
                + "   loss " + Fields.decimal(json, "loss", 3)
                + terminal.dim("   on " + Fields.count(json, "examples") + " examples"));
        print(terminal, "label", json.path("labels"));
        print(terminal, "entity", json.path("entities"));
        printMistakes(terminal);
    }

    private static void print(Terminal terminal, String kind, JsonNode labels) {
        if (labels.isEmpty()) {
            return;
        }
        terminal.line();
        Table table = new Table(kind, ">precision", ">recall", ">F1", ">examples");
        for (JsonNode label : labels) {
            table.row(
                    Fields.text(label, "label"),
                    Fields.decimal(label, "precision", 3),
                    Fields.decimal(label, "recall", 3),
                    Fields.decimal(label, "f1", 3),
                    Fields.count(label, "support"));
        }
        table.print(terminal);
    }

    private void printMistakes(Terminal terminal) {
        JsonNode mistakes = json.path("worst_mistakes");
        if (mistakes.isEmpty()) {
            return;
        }
        terminal.line();
        terminal.line(terminal.dim("worst mistakes"));
        for (int i = 0; i < Math.min(MISTAKES, mistakes.size()); i++) {
            JsonNode mistake = mistakes.get(i);
            String said = said(mistake) + "  ";
            terminal.line(said + Units.shorten(Fields.text(mistake, "text"), terminal.width() - said.length()));
        }
    }

    /** What was taken for what: a label with how sure the model was, labels, a number, or entities. */
    private static String said(JsonNode mistake) {
        JsonNode predicted = mistake.path("predicted");
        if (mistake.has("label")) {
            return Fields.text(mistake, "label") + " taken for " + predicted.asString(Fields.NONE) + " ("
                    + Fields.decimal(mistake, "score", 2) + ")";
        }
        if (mistake.has("labels")) {
            return words(mistake.path("labels")) + " taken for " + words(predicted);
        }
        return mistake.has("score")
                ? Fields.decimal(mistake, "score", 2) + " taken for " + Fields.decimal(mistake, "predicted", 2)
                : types(mistake.path("entities")) + " taken for " + types(predicted);
    }

    private static String words(JsonNode list) {
        return list.isEmpty()
                ? "nothing"
                : list.valueStream().map(word -> word.asString("")).collect(Collectors.joining("+"));
    }

    private static String types(JsonNode entities) {
        return entities.isEmpty()
                ? "nothing"
                : entities.valueStream()
                        .map(entity -> Fields.text(entity, "type"))
                        .collect(Collectors.joining("+"));
    }
}
