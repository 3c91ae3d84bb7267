package dev.anneal.dataset.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.dataset.duplicate.CheckOptions;
import dev.anneal.dataset.duplicate.Duplicates;
import dev.anneal.dataset.duplicate.Sides;
import dev.anneal.dataset.file.Row;
import dev.anneal.dataset.problem.RowProblems;
import dev.anneal.json.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.StringNode;

/** The memory of a check, which does not grow with the number of columns or files. */
class BoundedChecksTest {
    @TempDir
    Path directory;

    private static Row row(int number, String file, String column, String value) {
        return new Row(
                number,
                file,
                number,
                "train",
                "a",
                Json.MAPPER.createObjectNode(),
                Map.of(column, StringNode.valueOf(value)));
    }

    @Test
    void onlyTheFirstHundredColumnsAreLookedAtAlsoIfTheyAreRuledOut() {
        ColumnCheck check = new ColumnCheck();
        for (int i = 0; i < 100; i++) {
            check.add(row(2 * i, "x", "column " + i, "same"), "a");
            check.add(row(2 * i + 1, "x", "column " + i, "same"), "b");
        }
        for (int i = 0; i < 20; i++) {
            check.add(row(200 + i, "x", "late", "" + i % 2), i % 2 == 0 ? "a" : "b");
        }
        RowProblems problems = new RowProblems();

        check.report(Map.of(), problems);

        assertThat(problems.codes()).isEmpty();
    }

    @Test
    void namesOfFilesAreKeptUpToAFewMegabytes() throws IOException {
        String name = "n".repeat(10_000);
        try (Duplicates rows = new Duplicates(directory, CheckOptions.DEFAULT)) {
            Places places = new Places(rows, new Sides());
            for (int i = 1; i <= 1_000; i++) {
                rows.add(i, places.of(row(i, name + i, "c", "v")), "text " + i, null);
            }

            assertThat(places.text(1)).startsWith("line 1 of 'nnn");
            assertThat(places.text(1_000)).isEqualTo("line 1000");
        }
    }

    private static final String TEXT = "A very long and boring film with too many cars";

    /** Checks two rows that are almost the same, and two that are the same. */
    private RowProblems check(SearchTime time) throws IOException {
        RowProblems problems = new RowProblems();
        try (DatasetCheck check = new DatasetCheck(directory, CheckOptions.DEFAULT)) {
            List<String> texts = List.of(TEXT, TEXT + "!", "same", "same");
            for (int i = 0; i < texts.size(); i++) {
                check.add(new Row(
                        i + 1,
                        null,
                        i + 1,
                        "train",
                        null,
                        Json.MAPPER.createObjectNode().put("text", texts.get(i)),
                        Map.of()));
            }
            check.report(Map.of("text", "text"), true, time, problems);
        }
        return problems;
    }

    @Test
    void theSearchForNearDuplicatesStopsWhenItsTimeIsOverAndTheCheckSaysSo() throws IOException {
        assertThat(check(new SearchTime(Duration.ofMinutes(1), "a.setting", () -> {}))
                        .codes())
                .extracting(RowProblems.CodeCount::code)
                .containsExactly("duplicate", "near_duplicate");

        RowProblems problems = check(new SearchTime(Duration.ZERO, "a.setting", () -> {}));

        assertThat(problems.codes())
                .extracting(RowProblems.CodeCount::code)
                .containsExactly("duplicate", "near_duplicates_incomplete");
        assertThat(problems.kept())
                .extracting(RowProblems.RowProblem::message)
                .anyMatch(message -> message.contains("was stopped after 0 seconds (a.setting)"));
    }

    @Test
    void theSearchForNearDuplicatesEndsIfItsResultIsNotNeededAnyMore() {
        assertThatThrownBy(() -> check(new SearchTime(Duration.ofMinutes(1), "a.setting", () -> {
                    throw new IllegalStateException("deleted");
                })))
                .hasMessage("deleted");
    }

    @Test
    void countsOfRowsAreAddedUpWithoutThoseThatAreLeftOut() {
        BitCounts counts = new BitCounts();
        IntStream.range(0, 50).forEach(row -> IntStream.range(0, row).forEach(time -> counts.add(row)));
        BitSet without = new BitSet();
        without.set(10, 20);

        assertThat(counts.sum(new BitSet())).isEqualTo(49 * 50 / 2);
        assertThat(counts.sum(without)).isEqualTo(49 * 50 / 2 - 145);
    }
}
