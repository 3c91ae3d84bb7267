package dev.anneal.dataset.generated;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.dataset.check.DatasetCheck;
import dev.anneal.dataset.check.SearchTime;
import dev.anneal.dataset.duplicate.CheckOptions;
import dev.anneal.dataset.file.DatasetParser;
import dev.anneal.dataset.file.ParserLimits;
import dev.anneal.dataset.file.UploadRequest;
import dev.anneal.dataset.file.UploadedFile;
import dev.anneal.dataset.problem.RowProblems;
import dev.anneal.dataset.problem.Severity;
import dev.anneal.dataset.unpack.UnpackLimit;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Plants problems at known lines of files of each format, of which one is large. The check finds all of them, and nothing else.
 */
@Timeout(300)
class PlantedProblemsTest {
    /** The check of repetitions is the same for all formats, so each run has one large file; the slow tests have one of each format. */
    private static final int LARGE = 100_000;

    private static final int ROWS = 10_000;
    private static final List<String> NEAR = List.of("near_duplicate", "near_leakage");

    @TempDir
    Path directory;

    static Stream<PlantedFile> formats() {
        return Stream.<PlantedFile[]>of(PlantedTables.values(), PlantedJson.values(), PlantedTexts.values())
                .flatMap(Stream::of);
    }

    @ParameterizedTest
    @MethodSource("formats")
    void eachProblemIsFoundWhereItIsPlantedAndNoOther(PlantedFile format) throws IOException {
        check(format, format == PlantedTables.CSV ? LARGE : ROWS);
    }

    @Tag("faults")
    @ParameterizedTest
    @MethodSource("formats")
    void eachProblemIsFoundInALargeFileOfEachFormat(PlantedFile format) throws IOException {
        check(format, LARGE);
    }

    private void check(PlantedFile format, int count) throws IOException {
        PlantedRows rows = new PlantedRows(count);
        format.plant(rows);
        List<UploadedFile> files = format.write(rows);
        ParserLimits limits = new ParserLimits(1_000_000, new UnpackLimit(20L << 30, 100), directory);
        UploadRequest request = UploadRequest.of(files.get(0).name(), format.form());
        long[] good = {0};

        RowProblems problems;
        try (DatasetCheck check = new DatasetCheck(directory, CheckOptions.DEFAULT)) {
            DatasetParser file = DatasetParser.parse(files, request, limits, row -> {
                check.add(row);
                good[0]++;
            });
            problems = file.problems();
            check.report(file.columns(), true, new SearchTime(Duration.ofMinutes(5), "no setting", () -> {}), problems);
        }

        assertThat(differences(rows.errors(), found(problems, Severity.error))).isEmpty();
        Map<String, Set<String>> expected = rows.warnings();
        Map<String, Set<String>> found = found(problems, Severity.warning);
        for (String near : NEAR) {
            checkNear(near, expected.remove(near), found.remove(near));
        }
        assertThat(differences(expected, found)).isEmpty();
        assertThat(good[0]).isEqualTo(count - sizes(rows.errors()) - skipped(rows.warnings()));
    }

    @Test
    void atLeast25KindsAreDeterministicAndHave100Percent() {
        Set<String> codes = new TreeSet<>();
        formats().forEach(format -> {
            PlantedRows rows = new PlantedRows(ROWS);
            format.plant(rows);
            codes.addAll(rows.errors().keySet());
            codes.addAll(rows.warnings().keySet());
        });
        codes.removeAll(NEAR);

        assertThat(codes).hasSizeGreaterThanOrEqualTo(25);
    }

    private static void checkNear(String code, Set<String> planted, Set<String> found) {
        Set<String> both = new HashSet<>(found);
        both.retainAll(planted);
        assertThat(both.size()).as("recall of " + code).isGreaterThanOrEqualTo(planted.size() * 95 / 100);
        assertThat(both.size() * 100 / found.size()).as("precision of " + code).isGreaterThanOrEqualTo(95);
    }

    /** Returns the number of rows that are left out with a warning. */
    private static long skipped(Map<String, Set<String>> warnings) {
        return Stream.of("repeated_header", "no_folder")
                .mapToLong(code -> warnings.getOrDefault(code, Set.of()).size())
                .sum();
    }

    private static long sizes(Map<String, Set<String>> places) {
        return places.values().stream().mapToLong(Set::size).sum();
    }

    private static Map<String, Set<String>> found(RowProblems problems, Severity severity) {
        Map<String, Set<String>> found = new TreeMap<>();
        for (RowProblems.RowProblem problem : problems.kept()) {
            if (problem.severity() == severity) {
                String file = problem.file() == null ? "" : problem.file() + ":";
                found.computeIfAbsent(problem.code(), code -> new TreeSet<>())
                        .add(problem.line() == null ? PlantedRows.WHOLE : file + problem.line());
            }
        }
        return found;
    }

    /** Returns the places that are found but not planted, and those that are planted but not found, by code. */
    private static List<String> differences(Map<String, Set<String>> planted, Map<String, Set<String>> found) {
        List<String> differences = new ArrayList<>();
        Set<String> codes = new TreeSet<>(found.keySet());
        codes.addAll(planted.keySet());
        for (String code : codes) {
            Set<String> more = new TreeSet<>(found.getOrDefault(code, Set.of()));
            Set<String> missing = new TreeSet<>(planted.getOrDefault(code, Set.of()));
            more.removeAll(planted.getOrDefault(code, Set.of()));
            missing.removeAll(found.getOrDefault(code, Set.of()));
            if (!more.isEmpty() || !missing.isEmpty()) {
                differences.add(code + ": not planted " + more + ", not found " + missing);
            }
        }
        return differences;
    }
}
