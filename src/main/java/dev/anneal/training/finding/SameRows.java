package dev.anneal.training.finding;

import dev.anneal.files.GzipLines;
import dev.anneal.json.Json;
import dev.anneal.training.process.TrainingException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;

/** Reads the predictions of two evaluations for the same rows, a row at a time. */
final class SameRows {
    /** Receives a row with the prediction of each evaluation. */
    interface Visitor {
        void accept(JsonNode ours, JsonNode theirs);
    }

    private SameRows() {}

    /** Throws a {@link TrainingException} if the directories have predictions for different rows. */
    static void forEach(Path first, Path second, Runnable check, Visitor visitor) throws IOException {
        try (BufferedReader a = RowFile.open(first.resolve(GzipLines.LINES));
                BufferedReader b = RowFile.open(second.resolve(GzipLines.LINES))) {
            while (true) {
                check.run();
                String one = a.readLine();
                String other = b.readLine();
                if (one == null && other == null) {
                    return;
                }
                if (one == null || other == null) {
                    throw differ();
                }
                JsonNode row = Json.MAPPER.readTree(one);
                JsonNode same = Json.MAPPER.readTree(other);
                if (row.path("number").asLong() != same.path("number").asLong()) {
                    throw differ();
                }
                visitor.accept(row, same);
            }
        }
    }

    static TrainingException differ() {
        return new TrainingException(
                "The evaluation to compare with has other rows or labels. Evaluate both models on the same dataset and split.");
    }
}
