package dev.anneal.training.finding;

import dev.anneal.json.Json;
import dev.anneal.training.process.TrainingException;
import dev.anneal.training.process.WorkFiles;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A file of rows as JSON lines, read a line at a time, and beside it the predictions for them, if there are any. */
record RowFile(Path rows, @Nullable Path predictions) {
    /** Receives a row, counted from 0, and the prediction for it, which is a missing node without predictions. */
    interface Visitor {
        void accept(int number, JsonNode row, JsonNode prediction) throws IOException;
    }

    void forEach(Visitor visitor) {
        try (BufferedReader lines = Files.newBufferedReader(rows);
                BufferedReader found = predictions == null ? null : open(predictions)) {
            int number = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String prediction = found == null ? null : found.readLine();
                visitor.accept(
                        number++,
                        Json.MAPPER.readTree(line),
                        prediction == null ? Json.MAPPER.missingNode() : Json.MAPPER.readTree(prediction));
            }
        } catch (IOException e) {
            throw new TrainingException("Cannot read " + rows.getFileName() + ": " + e.getMessage(), e);
        }
    }

    static BufferedReader open(Path file) throws IOException {
        if (!file.toString().endsWith(".gz")) {
            return Files.newBufferedReader(file);
        }
        InputStream in = new GZIPInputStream(new BufferedInputStream(Files.newInputStream(file)), 1 << 16);
        return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    }

    /** Returns the text of a row, with the second one, if there is one, after a line break. */
    static String text(JsonNode row) {
        String pair = row.path("text_pair").asString("");
        String text = row.path("text").asString("");
        return pair.isEmpty() ? text : text + "\n" + pair;
    }

    static Findings.Place place(JsonNode row) {
        return new Findings.Place(
                row.path(WorkFiles.ROW).asLong(0),
                row.has("line") ? row.get("line").asLong() : null,
                row.path("file").asString(null));
    }
}
