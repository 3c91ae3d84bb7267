package dev.anneal.cli.view;

import dev.anneal.cli.terminal.Fields;
import dev.anneal.cli.terminal.Shell;
import dev.anneal.cli.terminal.Table;
import dev.anneal.cli.terminal.Terminal;
import dev.anneal.cli.terminal.Units;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** The report of a model: the metrics of its task, those of each label, and its worst mistakes. */
public record Report(JsonNode json) {
    private static final int MISTAKES = 3;

    public void print(Terminal terminal) {
        String split = Fields.text(json, "split");
        String figures = Metrics.line(json);
        terminal.line(terminal.bold(Character.toUpperCase(split.charAt(0)) + split.substring(1) + " " + figures)
                + "   loss " + Fields.decimal(json, "loss", 3)
                + terminal.dim("   on " + Fields.count(json, "examples") + " examples"));
        if (json.path("truncated").asInt(0) > 0) {
            terminal.line("%s examples are longer than --max-length; %s tokens were left out"
                    .formatted(Fields.count(json, "truncated"), Fields.count(json, "tokens_left_out")));
        }
        printLeakage(terminal);
        print(terminal, "label", json.path("labels"));
        print(terminal, "entity", json.path("entities"));
        printMistakes(terminal);
    }

    /** Says which rows for evaluation the model was trained on, because the figures are too good then. */
    private void printLeakage(Terminal terminal) {
        for (JsonNode warning : json.path("dataset_warnings")) {
            String code = Fields.text(warning, "code");
            if (code.equals("leakage") || code.equals("near_leakage")) {
                String dataset = Fields.text(warning, "dataset");
                terminal.line("The dataset %s has %s %s, so the figures may be too good. Remove what leaks: %s"
                        .formatted(
                                dataset,
                                Fields.count(warning, "count"),
                                code,
                                Shell.anneal("datasets fix " + dataset + " --remove-leakage")));
            }
        }
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
            terminal.line(
                    said + Units.shorten(mistake.path("text").asString(Fields.NONE), terminal.width() - said.length()));
        }
    }

    /** Returns what was mistaken for what: a label with the model's score, labels, a number, or entities. */
    private static String said(JsonNode mistake) {
        JsonNode predicted = mistake.path("predicted");
        if (mistake.has("label")) {
            return Fields.text(mistake, "label") + " predicted as " + Fields.line(predicted, Fields.NONE) + " ("
                    + Fields.decimal(mistake, "score", 2) + ")";
        }
        if (mistake.has("labels")) {
            return words(mistake.path("labels")) + " predicted as " + words(predicted);
        }
        return mistake.has("score")
                ? Fields.decimal(mistake, "score", 2) + " predicted as " + Fields.decimal(mistake, "predicted", 2)
                : types(mistake.path("entities")) + " predicted as " + types(predicted);
    }

    private static String words(JsonNode list) {
        return list.isEmpty()
                ? "nothing"
                : list.valueStream().map(word -> Fields.line(word, "")).collect(Collectors.joining("+"));
    }

    private static String types(JsonNode entities) {
        return entities.isEmpty()
                ? "nothing"
                : entities.valueStream()
                        .map(entity -> Fields.text(entity, "type"))
                        .collect(Collectors.joining("+"));
    }
}
