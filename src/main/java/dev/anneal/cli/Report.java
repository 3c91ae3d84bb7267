package dev.anneal.cli;

import tools.jackson.databind.JsonNode;

/** How good a model is: the two figures that matter, then label by label, then what it got most surely wrong. */
record Report(JsonNode json) {
    private static final int MISTAKES = 3;

    void print(Terminal terminal) {
        String split = Fields.text(json, "split");
        terminal.line(terminal.bold(Character.toUpperCase(split.charAt(0)) + split.substring(1) + " accuracy "
                        + Fields.percent(json, "accuracy"))
                + "   macro F1 " + Fields.decimal(json, "f1_macro", 3) + "   loss " + Fields.decimal(json, "loss", 3)
                + terminal.dim("   on " + Fields.count(json, "examples") + " examples"));
        terminal.line();
        Table table = new Table("label", ">precision", ">recall", ">F1", ">examples");
        for (JsonNode label : json.path("labels")) {
            table.row(
                    Fields.text(label, "label"),
                    Fields.decimal(label, "precision", 3),
                    Fields.decimal(label, "recall", 3),
                    Fields.decimal(label, "f1", 3),
                    Fields.count(label, "support"));
        }
        table.print(terminal);
        printMistakes(terminal);
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
            String said = Fields.text(mistake, "label") + " taken for " + Fields.text(mistake, "predicted") + " ("
                    + Fields.decimal(mistake, "score", 2) + ")  ";
            terminal.line(said + Units.shorten(Fields.text(mistake, "text"), terminal.width() - said.length()));
        }
    }
}
