package dev.anneal.training.finding;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import dev.anneal.transformer.architecture.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MislabelledRowsTest {
    @TempDir
    Path directory;

    @Test
    void labelsHaveTheNamesOfTheDatasetSoThatTheRowsCanBeRelabelled() throws IOException {
        Path rows = directory.resolve("test.jsonl");
        Path predictions = directory.resolve("predictions.jsonl");
        // Each second row is good. The model is wrong only about the row 7.
        Files.write(
                rows,
                IntStream.rangeClosed(1, 40)
                        .mapToObj(
                                i -> Json.write(Map.of("row", i, "text", "text", "label", i % 2 == 0 ? "good" : "bad")))
                        .toList());
        Files.write(
                predictions,
                IntStream.rangeClosed(1, 40)
                        .mapToObj(i -> i % 2 == 0 || i == 7 ? 0.9 : 0.1)
                        .map(positive ->
                                Json.write(Map.of("scores", Map.of("positive", positive, "negative", 1 - positive))))
                        .toList());

        Findings.LikelyMislabelled found = Objects.requireNonNull(MislabelledRows.of(
                new RowFile(rows, predictions),
                Task.TEXT_CLASSIFICATION,
                new Labels(List.of("negative", "positive"), Map.of("good", "positive", "bad", "negative")),
                "ds_1",
                "test",
                "model",
                () -> {}));

        assertThat(found.confident()).isEqualTo(1);
        assertThat(found.rows()).singleElement().satisfies(row -> {
            assertThat(row.row()).isEqualTo(7);
            assertThat(row.label()).isEqualTo("bad");
            assertThat(row.suggestedLabel()).isEqualTo("good");
        });
    }
}
