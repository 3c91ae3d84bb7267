package dev.anneal.training.finding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.evaluation.rows.LabelSetRows;
import dev.anneal.json.Json;
import dev.anneal.transformer.architecture.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PredictedRowsTest {
    private static final int ROWS = 3_000;

    @TempDir
    Path directory;

    private final List<Integer> seen = new ArrayList<>();

    private PredictedRows read(Task task, IntFunction<Map<String, Object>> row, Runnable check) throws IOException {
        Path rows = directory.resolve("test.jsonl");
        Path predictions = directory.resolve("predictions.jsonl");
        Files.write(
                rows,
                IntStream.range(0, ROWS).mapToObj(i -> Json.write(row.apply(i))).toList());
        Files.write(
                predictions,
                IntStream.range(0, ROWS)
                        .mapToObj(i -> Json.write(Map.of("scores", Map.of("no", 1 - score(i), "yes", score(i)))))
                        .toList());
        return new PredictedRows(
                new RowFile(rows, predictions),
                task,
                new Labels(List.of("no", "yes"), Map.of()),
                List.of(),
                null,
                check);
    }

    private static double score(int i) {
        return i % 10 / 10.0;
    }

    /** Returns a row of one of two groups. Those of the first one have the label only with the highest scores. */
    private static Map<String, Object> row(int i) {
        boolean isFirst = i < ROWS / 2;
        return Map.of(
                "text", "text " + i, "group", isFirst ? "a" : "b", "label", isFirst && score(i) >= 0.5 ? "yes" : "no");
    }

    @Test
    void eachValueOfAColumnIsAGroupWhoseScoresAreRanked() throws IOException {
        List<Findings.GroupScores> groups =
                read(Task.TEXT_CLASSIFICATION, PredictedRowsTest::row, () -> {}).groupScores();

        assertThat(groups).extracting(Findings.GroupScores::group).containsExactly("a", "b");
        assertThat(groups).extracting(Findings.GroupScores::examples).containsOnly(ROWS / 2);
        assertThat(groups).extracting(Findings.GroupScores::positive).containsExactly(ROWS / 4, 0);
        assertThat(groups).extracting(Findings.GroupScores::subgroupAuc).containsExactly(1.0, null);
        assertThat(groups.get(0).allAuc()).isBetween(0.5, 0.99);
        // Rows without the label in b have all scores, those with it in a only the highest ones.
        assertThat(groups.get(0).bnspAuc()).isEqualTo(groups.get(1).bpsnAuc()).isLessThan(1);
    }

    @Test
    void equalSetsOfLabelsAreKeptOnce() throws IOException {
        LabelSetRows rows = (LabelSetRows) read(
                        Task.MULTI_LABEL,
                        i -> Map.of("text", "text", "labels", i % 2 == 0 ? List.of("yes", "no") : List.of()),
                        () -> {})
                .metrics();

        assertThat(rows.expected()[0]).containsExactly(0, 1).isSameAs(rows.expected()[ROWS - 2]);
        assertThat(rows.expected()[1]).isEmpty();
        assertThat(rows.predicted()[1]).containsExactly(0).isSameAs(rows.predicted()[ROWS - 10 + 1]);
        assertThat(rows.predicted()[9]).containsExactly(1);
    }

    @Test
    void aRequestToStopIsHeardAtEachRow() {
        Runnable check = () -> {
            seen.add(seen.size());
            if (seen.size() == 3) {
                throw new CancellationException("stop");
            }
        };

        assertThatThrownBy(() -> read(Task.TEXT_CLASSIFICATION, PredictedRowsTest::row, check))
                .isInstanceOf(CancellationException.class);
        assertThat(seen).hasSize(3);
    }

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
                        null,
                        () -> {})
                .hardest();

        assertThat(hardest)
                .singleElement()
                .satisfies(row -> assertThat(row.text()).isEqualTo("a" + "😀".repeat(999)));
        Files.writeString(directory.resolve("report.json"), Json.write(hardest)); // refuses half of a character
    }
}
