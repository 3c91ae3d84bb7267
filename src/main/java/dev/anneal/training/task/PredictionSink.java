package dev.anneal.training.task;

import dev.anneal.json.Json;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntFunction;

/** Takes the predictions for the rows of a file, in their order. */
public interface PredictionSink {
    /** Leaves them out, for a report without them. */
    PredictionSink NONE = (prediction, rows) -> {};

    /** Takes the predictions for the next rows, which are counted from 0 in each call. */
    void write(IntFunction<Map<String, Object>> prediction, int rows) throws IOException;

    /** Returns a sink that makes a file of one JSON object per line. */
    static PredictionSink of(Path file) {
        return (prediction, rows) -> {
            try (BufferedWriter out = Files.newBufferedWriter(file)) {
                for (int i = 0; i < rows; i++) {
                    Map<String, Object> line = new LinkedHashMap<>();
                    line.put("text_number", i + 1);
                    line.putAll(prediction.apply(i));
                    out.write(Json.write(line));
                    out.newLine();
                }
            }
        };
    }
}
