package dev.anneal.training.finding;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.files.SharedFiles;
import dev.anneal.json.Json;
import dev.anneal.transformer.architecture.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The baselines that the jobs of a machine share. */
class TextBaselineTest {
    @TempDir
    Path directory;

    private Path rows;

    @BeforeEach
    void write() throws IOException {
        rows = Files.write(
                directory.resolve("rows.jsonl"),
                IntStream.range(0, 12)
                        .mapToObj(i -> Json.write(
                                Map.of("row", i, "text", i % 2 == 0 ? "good soup" : "cold soup", "label", "l" + i % 2)))
                        .toList());
    }

    private TextBaseline.Computed get() throws IOException {
        return new TextBaseline(
                        directory,
                        Task.TEXT_CLASSIFICATION,
                        new Labels(List.of("l0", "l1"), Map.of()),
                        rows,
                        rows,
                        () -> {})
                .get(new SharedFiles(directory.resolve("shared"), 1_000_000), "ds_1", reason -> {});
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{\"trained\": 12, \"us", "\0\0\0\0"})
    void aDamagedOneIsComputedAgain(String content) throws IOException {
        TextBaseline.Computed first = get();
        Files.writeString(kept(), content);

        assertThat(get().trained()).isEqualTo(first.trained()).isEqualTo(12);
        assertThat(Files.readString(kept()))
                .as("the next job has a whole one")
                .startsWith("{")
                .endsWith("}");
    }

    private Path kept() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("shared/ds_1"))) {
            return files.findFirst().orElseThrow();
        }
    }
}
