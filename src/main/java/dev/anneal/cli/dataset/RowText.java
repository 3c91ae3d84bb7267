package dev.anneal.cli.dataset;

import dev.anneal.cli.terminal.Fields;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** A row in two texts: what it says, and what is to be learned about it. */
final class RowText {
    private RowText() {}

    /** Returns all texts of a row. */
    static String texts(JsonNode row) {
        if (row.has("messages")) {
            return row.path("messages")
                    .valueStream()
                    .map(message -> Fields.text(message, "role") + ": " + Fields.line(message.path("content"), ""))
                    .collect(Collectors.joining(" / "));
        }
        if (row.has("tokens")) {
            return row.path("tokens")
                    .valueStream()
                    .map(word -> Fields.line(word, ""))
                    .collect(Collectors.joining(" "));
        }
        return Stream.of("text", "text_pair", "prompt", "completion")
                .filter(row::has)
                .map(field -> Fields.text(row, field))
                .collect(Collectors.joining(" / "));
    }

    /** Returns the label, the labels, the score or the kinds of tags of a row. */
    static String label(JsonNode row) {
        for (String field : List.of("label", "score")) {
            if (row.has(field)) {
                return Fields.text(row, field);
            }
        }
        String several = Stream.of("labels", "tags")
                .flatMap(field -> row.path(field).valueStream())
                .map(label -> Fields.line(label, ""))
                .filter(label -> !label.equals("O"))
                .distinct()
                .collect(Collectors.joining(", "));
        return several.isEmpty() ? Fields.NONE : several;
    }
}
