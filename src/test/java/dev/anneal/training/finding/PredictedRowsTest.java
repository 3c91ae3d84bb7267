package dev.anneal.training.finding;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import dev.anneal.transformer.architecture.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PredictedRowsTest {
    @TempDir
    Path directory;

    @Test
    void theTextOfAHardRowEndsWithAWholeCharacter() throws IOException {
        Path rows = Files.writeString(
                directory.resolve("test.jsonl"),
                Json.write(Map.of("row", 1, "text", "a" + "😀".repeat(1_200), "label", "good")) + "\n");
        Path predictions = Files.writeString(
                directory.resolve("predictions.jsonl"),
                Json.write(Map.of("scores", Map.of("good", 0.1, "bad", 0.9))) + "\n");

        List<Findings.HardRow> hardest = new PredictedRows(
                        new RowFile(rows, predictions),
                        Task.TEXT_CLASSIFICATION,
                        new Labels(List.of("good", "bad"), Map.of()),
                        List.of(),
                        null)
                .hardest();

        assertThat(hardest)
                .singleElement()
                .satisfies(row -> assertThat(row.text()).isEqualTo("a" + "😀".repeat(999)));
        Files.writeString(directory.resolve("report.json"), Json.write(hardest)); // refuses half of a character
    }
}
