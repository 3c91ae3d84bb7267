package dev.anneal.cli.view;

import dev.anneal.cli.terminal.Fields;
import dev.anneal.cli.terminal.Table;
import dev.anneal.cli.terminal.Terminal;
import dev.anneal.cli.terminal.Units;
import dev.anneal.text.ControlCharacters;
import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** Predictions as a table: what the model says of each text, and the beginning of the text. */
public final class Predictions {
    private Predictions() {}

    public static void print(JsonNode predictions, List<String> texts, Terminal terminal) {
        print(predictions, texts, false, terminal);
    }

    /**
     * @param scores whether the other labels follow, with their scores
     */
    public static void print(JsonNode predictions, List<String> texts, boolean scores, Terminal terminal) {
        JsonNode first = predictions.path(0);
        if (first.has("entities")) {
            entities(predictions, texts, terminal);
        } else if (first.has("value")) {
            values(predictions, texts, terminal);
        } else {
            labels(predictions, texts, scores, terminal);
        }
        for (int i = 0; i < texts.size(); i++) {
            if (predictions.path(i).path("truncated").asBoolean(false)) {
                terminal.line("Text %d is longer than the model takes: %s tokens were left out."
                        .formatted(i + 1, Fields.count(predictions.path(i), "tokens_left_out")));
            }
        }
    }

    private static void labels(JsonNode predictions, List<String> texts, boolean scores, Terminal terminal) {
        Table table = new Table("label", ">score", "text");
        int widest = predictions
                .valueStream()
                .mapToInt(prediction -> label(prediction).length())
                .max()
                .orElse(0);
        int room = Math.max(20, terminal.width() - Math.max("label".length(), widest) - "  score  ".length());
        for (int i = 0; i < texts.size(); i++) {
            JsonNode prediction = predictions.path(i);
            String label = label(prediction);
            table.row(label, Fields.decimal(prediction, "score", 3), Units.shorten(texts.get(i), room));
            if (scores || prediction.has("labels")) {
                prediction.path("scores").properties().stream()
                        .filter(score -> !score.getKey().equals(label))
                        .sorted((a, b) -> Double.compare(
                                b.getValue().asDouble(), a.getValue().asDouble()))
                        .limit(
                                scores
                                        ? Integer.MAX_VALUE
                                        : prediction.path("labels").size())
                        .forEach(score -> table.row(
                                "  " + ControlCharacters.escape(score.getKey()),
                                Fields.decimal(prediction.path("scores"), score.getKey(), 3),
                                ""));
            }
        }
        table.print(terminal);
    }

    /** Returns the label, or the labels of a model that may give several. */
    private static String label(JsonNode prediction) {
        if (!prediction.has("labels")) {
            return Fields.text(prediction, "label");
        }
        JsonNode labels = prediction.path("labels");
        return labels.isEmpty()
                ? "none"
                : labels.valueStream().map(label -> Fields.line(label, "")).collect(Collectors.joining("+"));
    }

    private static void values(JsonNode predictions, List<String> texts, Terminal terminal) {
        Table table = new Table(">value", "text");
        for (int i = 0; i < texts.size(); i++) {
            table.row(
                    Fields.decimal(predictions.path(i), "value", 3),
                    Units.shorten(texts.get(i), Math.max(20, terminal.width() - 12)));
        }
        table.print(terminal);
    }

    private static void entities(JsonNode predictions, List<String> texts, Terminal terminal) {
        for (int i = 0; i < texts.size(); i++) {
            terminal.line(Units.shorten(texts.get(i), terminal.width()));
            Table table = new Table("  entity", ">score", "text");
            predictions
                    .path(i)
                    .path("entities")
                    .forEach(entity -> table.row(
                            "  " + Fields.text(entity, "label"),
                            Fields.decimal(entity, "score", 3),
                            Fields.text(entity, "text")));
            if (predictions.path(i).path("entities").isEmpty()) {
                terminal.line("  no entities");
            } else {
                table.print(terminal);
            }
        }
    }
}
