package dev.anneal.training;

import dev.anneal.files.GzipLinesWriter;
import dev.anneal.json.Json;
import dev.anneal.training.answer.AnswerFile;
import dev.anneal.training.process.WorkFiles;
import dev.anneal.training.task.PredictionSink;
import dev.anneal.training.task.TrainingTask;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes the prediction for each row beside the row: its number, where it was read, its text, what the task adds, and the answer that
 * was generated for it.
 */
final class RowPredictionWriter implements PredictionSink, Closeable {
    private static final List<String> KEPT = List.of(
            "split",
            "line",
            "file",
            "group",
            "kept",
            "text",
            "text_pair",
            "tokens",
            "prompt",
            "completion",
            "messages");

    private final BufferedReader rows;
    private final GzipLinesWriter out;
    private final TrainingTask task;
    private final @Nullable AnswerFile answers;

    RowPredictionWriter(Path rows, Path directory, TrainingTask task) throws IOException {
        this(rows, directory, task, null);
    }

    /** @param answers null if no answers were generated. It is closed with this writer. */
    RowPredictionWriter(Path rows, Path directory, TrainingTask task, @Nullable AnswerFile answers) throws IOException {
        this.task = task;
        this.answers = answers;
        this.rows = Files.newBufferedReader(rows);
        this.out = new GzipLinesWriter(directory);
    }

    @Override
    public void write(IntFunction<Map<String, Object>> prediction, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            String line = rows.readLine();
            if (line == null) {
                throw new EOFException("fewer rows than predictions");
            }
            JsonNode row = Json.MAPPER.readTree(line);
            long number = row.path(WorkFiles.ROW).asLong();
            ObjectNode written = Json.MAPPER.createObjectNode().put("number", number);
            for (String field : KEPT) {
                if (row.has(field)) {
                    written.set(field, row.get(field));
                }
            }
            written.setAll((ObjectNode) Json.MAPPER.valueToTree(task.addedFields(row)));
            written.setAll((ObjectNode) Json.MAPPER.valueToTree(prediction.apply(i)));
            if (answers != null) {
                written.setAll(answers.of(number));
            }
            out.add(number, written.toString());
        }
    }

    @Override
    public void close() throws IOException {
        try (rows;
                answers) {
            out.close();
        }
    }
}
