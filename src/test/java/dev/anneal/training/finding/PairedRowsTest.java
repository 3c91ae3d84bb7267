package dev.anneal.training.finding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.anneal.evaluation.Comparison;
import dev.anneal.files.GzipLinesWriter;
import dev.anneal.json.Json;
import dev.anneal.training.process.TrainingException;
import dev.anneal.transformer.architecture.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The comparison of the predictions of two evaluations, beside figures that the test computes itself. */
class PairedRowsTest {
    private static final int ROWS = 400;
    private static final List<String> LABELS = List.of("a", "b", "c");
    private static final List<String> TAGS = List.of("O", "B-LOC", "I-LOC");

    private final SplittableRandom random = new SplittableRandom(5);

    @TempDir
    Path directory;

    /** Writes rows with the field of what is expected, and that of what is predicted. */
    private Path write(String name, IntFunction<Map<String, Object>> row) throws IOException {
        Path result = Files.createDirectories(directory.resolve(name));
        try (GzipLinesWriter out = new GzipLinesWriter(result)) {
            for (int i = 0; i < ROWS; i++) {
                var line = Json.MAPPER.createObjectNode().put("number", i + 1);
                row.apply(i).forEach((field, value) -> line.set(field, Json.MAPPER.valueToTree(value)));
                out.add(i + 1, line.toString());
            }
        }
        return result;
    }

    private Comparison compare(Task task, List<String> labels, Path first, Path second) throws IOException {
        return PairedRows.compare(task, labels, first, second, false, () -> {});
    }

    private <T> List<T> drawn(IntFunction<T> value) {
        return IntStream.range(0, ROWS).mapToObj(value).toList();
    }

    private String label() {
        return LABELS.get(random.nextInt(3));
    }

    private List<String> some() {
        return LABELS.stream().filter(label -> random.nextBoolean()).toList();
    }

    private static Comparison.Difference figure(Comparison comparison, String metric) {
        Comparison.Difference difference =
                Objects.requireNonNull(comparison.metrics().get(metric));
        assertThat(difference.difference())
                .isBetween(difference.interval().low(), difference.interval().high());
        return difference;
    }

    @Test
    void labelsOfOneTextEach() throws IOException {
        List<String> expected = drawn(i -> label());
        List<String> ours = drawn(i -> random.nextDouble() < 0.8 ? expected.get(i) : label());
        List<String> theirs = drawn(i -> random.nextDouble() < 0.3 ? expected.get(i) : label());

        Comparison comparison = compare(
                Task.TEXT_CLASSIFICATION,
                LABELS,
                write("ours", i -> Map.of("label", expected.get(i), "predicted_label", ours.get(i))),
                write("theirs", i -> Map.of("label", expected.get(i), "predicted_label", theirs.get(i))));

        assertThat(figure(comparison, "accuracy").difference())
                .isCloseTo(share(expected, ours) - share(expected, theirs), within(1e-12));
        assertThat(figure(comparison, "accuracy").pValue()).isLessThan(0.01);
        int onlyOurs = 0;
        for (int i = 0; i < ROWS; i++) {
            onlyOurs += ours.get(i).equals(expected.get(i)) && !theirs.get(i).equals(expected.get(i)) ? 1 : 0;
        }
        assertThat(Objects.requireNonNull(comparison.rightRows()).onlyFirst()).isEqualTo(onlyOurs);
    }

    private static <T> double share(List<T> expected, List<T> found) {
        return IntStream.range(0, ROWS)
                        .filter(i -> expected.get(i).equals(found.get(i)))
                        .count()
                / (double) ROWS;
    }

    @Test
    void anyNumberOfLabels() throws IOException {
        List<List<String>> expected = drawn(i -> some());
        List<List<String>> ours = drawn(i -> random.nextInt(4) > 0 ? expected.get(i) : some());
        List<List<String>> theirs = drawn(i -> random.nextInt(4) > 1 ? expected.get(i) : some());

        Comparison comparison = compare(
                Task.MULTI_LABEL,
                LABELS,
                write("ours", i -> Map.of("labels", expected.get(i), "predicted_labels", ours.get(i))),
                write("theirs", i -> Map.of("labels", expected.get(i), "predicted_labels", theirs.get(i))));

        assertThat(figure(comparison, "accuracy").difference())
                .isCloseTo(share(expected, ours) - share(expected, theirs), within(1e-12));
        assertThat(figure(comparison, "f1_micro").difference())
                .isCloseTo(f1(expected, ours) - f1(expected, theirs), within(1e-12));
    }

    private static double f1(List<List<String>> expected, List<List<String>> found) {
        int right = 0;
        int all = 0;
        for (int i = 0; i < ROWS; i++) {
            List<String> common = new ArrayList<>(expected.get(i));
            common.retainAll(found.get(i));
            right += common.size();
            all += expected.get(i).size() + found.get(i).size();
        }
        return 2.0 * right / all;
    }

    @Test
    void numbers() throws IOException {
        List<Double> expected = drawn(i -> random.nextDouble() * 1e6); // which fp32 would round
        List<Float> ours = drawn(i -> (float) (expected.get(i) + random.nextDouble(-1, 1)));
        List<Float> theirs = drawn(i -> (float) (expected.get(i) + random.nextDouble(-3, 3)));

        Comparison comparison = compare(
                Task.TEXT_REGRESSION,
                List.of(),
                write("ours", i -> Map.of("score", expected.get(i), "predicted_score", ours.get(i))),
                // as older versions wrote it
                write("theirs", i -> Map.of("score", expected.get(i).floatValue(), "predicted_score", theirs.get(i))));

        assertThat(figure(comparison, "mae").difference())
                .isCloseTo(error(expected, ours) - error(expected, theirs), within(1e-9));
        assertThat(comparison.rightRows()).isNull();
    }

    private static double error(List<Double> expected, List<Float> found) {
        return IntStream.range(0, ROWS)
                .mapToDouble(i -> Math.abs(expected.get(i) - found.get(i)))
                .average()
                .orElseThrow();
    }

    @Test
    void tagsOfWords() throws IOException {
        List<List<String>> expected = drawn(i -> List.of("O", "B-LOC", i % 2 == 0 ? "I-LOC" : "O"));
        List<List<String>> ours = drawn(i -> random.nextInt(4) > 0 ? expected.get(i) : List.of("O", "O", "O"));
        List<List<String>> theirs = drawn(i -> random.nextInt(4) > 2 ? expected.get(i) : List.of("O", "O", "B-LOC"));

        Comparison comparison = compare(
                Task.TOKEN_CLASSIFICATION,
                TAGS,
                write("ours", i -> Map.of("tags", expected.get(i), "predicted_tags", ours.get(i))),
                write("theirs", i -> Map.of("tags", expected.get(i), "predicted_tags", theirs.get(i))));

        assertThat(figure(comparison, "accuracy").difference())
                .isCloseTo(words(expected, ours) - words(expected, theirs), within(1e-12));
        assertThat(figure(comparison, "f1").difference()).isPositive();
    }

    private static double words(List<List<String>> expected, List<List<String>> found) {
        int right = 0;
        for (int i = 0; i < ROWS; i++) {
            for (int word = 0; word < 3; word++) {
                right += expected.get(i).get(word).equals(found.get(i).get(word)) ? 1 : 0;
            }
        }
        return right / (3.0 * ROWS);
    }

    @Test
    void otherRowsAreRefused() throws IOException {
        Path ours = write("ours", i -> Map.of("label", "a", "predicted_label", "a"));
        Path relabelled = write("relabelled", i -> Map.of("label", i == 7 ? "b" : "a", "predicted_label", "a"));
        Path unknown = write("unknown", i -> Map.of("label", "a", "predicted_label", i == 7 ? "x" : "a"));

        for (Path theirs : List.of(relabelled, unknown)) {
            assertThatThrownBy(() -> compare(Task.TEXT_CLASSIFICATION, LABELS, ours, theirs))
                    .isInstanceOf(TrainingException.class)
                    .hasMessageContaining("other rows or labels");
        }
    }
}
