package dev.anneal.evaluation.slice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.anneal.evaluation.ReferenceCases;
import dev.anneal.evaluation.rows.LabelRows;
import dev.anneal.evaluation.rows.LabelSetRows;
import dev.anneal.evaluation.rows.NumberRows;
import dev.anneal.evaluation.rows.RowMetrics;
import dev.anneal.json.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class SlicesTest {
    private static final List<String> NAMES = List.of("a", "b", "c");

    @Test
    void metricsAndGapsAreThoseOfScikitLearn() throws IOException {
        List<JsonNode> cases = ReferenceCases.of("slices.jsonl.gz");
        assertThat(cases).hasSize(200);
        for (JsonNode golden : cases) {
            int[] values = ReferenceCases.ints(golden.get("values"));
            compare(
                    golden,
                    values,
                    new LabelRows(
                            golden.get("labels").asInt(),
                            ReferenceCases.ints(golden.get("expected")),
                            ReferenceCases.ints(golden.get("predicted"))),
                    Map.of("accuracy", "accuracy", "f1_macro", "f1_macro"));
            compare(
                    golden,
                    values,
                    new LabelSetRows(
                            ReferenceCases.sets(golden.get("wanted")), ReferenceCases.sets(golden.get("found"))),
                    Map.of("f1_micro", "f1_micro", "accuracy", "exact"));
            compare(
                    golden,
                    values,
                    new NumberRows(
                            ReferenceCases.doubles(golden.get("numbers")),
                            ReferenceCases.doubles(golden.get("guessed"))),
                    Map.of("mae", "mae", "rmse", "rmse"));
        }
    }

    private static void compare(JsonNode golden, int[] values, RowMetrics metrics, Map<String, String> names) {
        Slices slices = Slices.of("column", NAMES, values, metrics);

        assertThat(slices.values()).hasSize((int) golden.get("slices")
                .valueStream()
                .filter(figures -> !figures.isNull())
                .count());
        for (Slices.Slice slice : slices.values()) {
            int value = NAMES.indexOf(slice.value());
            assertThat(slice.metrics()).containsOnlyKeys(names.keySet());
            names.forEach((name, theirs) -> {
                Slices.Figure figure = slice.metrics().get(name);
                double own = golden.get("slices").get(value).get(theirs).asDouble();
                JsonNode others = golden.get("others").get(value);
                assertThat(figure.value()).isCloseTo(own, within(1e-9));
                if (others.isNull()) {
                    assertThat(figure.gap()).isNull();
                } else {
                    assertThat(figure.gap()).isCloseTo(own - others.get(theirs).asDouble(), within(1e-9));
                }
            });
        }
    }

    @Test
    void aGapThatIsThereIsOutsideOfTheIntervalOfNone() {
        Random random = new Random(5);
        int[] expected = new int[600];
        int[] predicted = new int[600];
        SliceValues values = new SliceValues("group");
        for (int row = 0; row < 600; row++) {
            boolean isRare = row % 3 == 0;
            expected[row] = random.nextInt(2);
            predicted[row] = random.nextDouble() < (isRare ? 0.6 : 0.9) ? expected[row] : 1 - expected[row];
            values.add(isRare ? "rare" : "common");
        }

        Slices slices = values.of(new LabelRows(2, expected, predicted));

        assertThat(slices.values()).extracting(Slices.Slice::value).containsExactly("common", "rare");
        Slices.Figure gap = slices.values().get(1).metrics().get("accuracy");
        assertThat(gap.gapInterval().low()).isLessThan(gap.gap());
        assertThat(gap.gapInterval().high()).isNegative();
        assertThat(gap.interval().low()).isLessThan(0.6);
        assertThat(gap.interval().high()).isGreaterThan(0.6);
    }

    /** Returns the slices of rows of which some are right, by two values. */
    private static Slices rights(int first, int rightOfFirst, int second, int rightOfSecond) {
        int[] expected = new int[first + second];
        int[] predicted = new int[first + second];
        SliceValues values = new SliceValues("group");
        for (int row = 0; row < expected.length; row++) {
            boolean isFirst = row < first;
            predicted[row] = (isFirst ? row < rightOfFirst : row - first < rightOfSecond) ? 0 : 1;
            values.add(isFirst ? "first" : "second");
        }
        return values.of(new LabelRows(2, expected, predicted));
    }

    private static Slices.Figure accuracy(Slices slices, String value) {
        return slices.values().stream()
                .filter(slice -> slice.value().equals(value))
                .findFirst()
                .orElseThrow()
                .metrics()
                .get("accuracy");
    }

    @Test
    void fewRowsOfASliceOrBesidesItGiveTheGapNoInterval() {
        Slices slices = rights(1, 0, 300, 270);

        assertThat(accuracy(slices, "first").gap()).isCloseTo(-0.9, within(1e-9));
        assertThat(accuracy(slices, "first").gapInterval()).isNull();
        assertThat(accuracy(slices, "second").gapInterval()).isNull();
        assertThat(accuracy(rights(19, 0, 300, 270), "first").gapInterval()).isNull();
        assertThat(accuracy(rights(20, 10, 300, 270), "first").gapInterval()).isNotNull();
    }

    @Test
    void aSliceWithoutARightRowMayStillBeLessWrongThanItsRows() {
        Slices.Figure small = accuracy(rights(20, 0, 300, 30), "first");
        Slices.Figure large = accuracy(rights(20, 0, 300, 240), "first");
        Slices.Figure both = accuracy(rights(40, 0, 60, 60), "first");

        assertThat(small.interval()).isNull();
        assertThat(small.gapInterval().high())
                .as("one of ten is right elsewhere")
                .isPositive();
        assertThat(large.gapInterval().high())
                .as("eight of ten are right elsewhere")
                .isNegative();
        assertThat(both.gapInterval().low()).isCloseTo(-1, within(1e-9));
        assertThat(both.gapInterval().high()).isCloseTo(-1 + 3.0 / 40 + 3.0 / 60, within(1e-9));
    }

    @Test
    void ofManySlicesTheWorstOneIsNotNamedIfItMayBeChance() {
        Random random = new Random(11);
        List<Slices> columns = new ArrayList<>();
        for (int column = 0; column < 10; column++) {
            int[] predicted = new int[5_000];
            SliceValues values = new SliceValues("c" + column);
            for (int row = 0; row < predicted.length; row++) {
                predicted[row] = random.nextDouble() < 0.8 ? 0 : 1;
                values.add("v" + random.nextInt(100));
            }
            columns.add(values.of(new LabelRows(2, new int[5_000], predicted)));
        }
        List<Slices.Figure> figures = columns.stream()
                .flatMap(slices -> slices.values().stream())
                .map(slice -> slice.metrics().get("accuracy"))
                .toList();
        assertThat(figures.stream().filter(figure -> figure.gapInterval().high() < 0))
                .as("one of 40 is below 0 by chance")
                .hasSizeGreaterThan(5);

        assertThat(Gap.sure(json(columns))).isEmpty();
        assertThat(Gap.sure(json(List.of(rights(100, 40, 300, 270)))))
                .hasSize(2)
                .allSatisfy(gap -> {
                    assertThat(gap.metric()).isEqualTo("accuracy");
                    assertThat(Math.abs(gap.size())).isCloseTo(0.5, within(1e-9));
                });
    }

    private static JsonNode json(List<Slices> slices) {
        return Json.MAPPER.valueToTree(Map.of("slices", slices));
    }

    @Test
    void aColumnWithTooManyValuesIsFound() {
        SliceValues values = new SliceValues("group");
        IntStream.range(0, Slices.MOST_VALUES).forEach(row -> values.add("v" + row));
        assertThat(values.hasTooMany()).isFalse();

        values.add("one more");

        assertThat(values.hasTooMany()).isTrue();
    }

    @Test
    void lengthsAreCountedInWords() {
        assertThat(LengthBuckets.of("")).isEqualTo("0-9");
        assertThat(LengthBuckets.of("one two  three\nfour five six seven eight nine"))
                .isEqualTo("0-9");
        assertThat(LengthBuckets.of("w ".repeat(10))).isEqualTo("10-19");
        assertThat(LengthBuckets.of("w ".repeat(39))).isEqualTo("20-39");
        assertThat(LengthBuckets.of("w ".repeat(40))).isEqualTo("40-79");
        assertThat(LengthBuckets.of("w ".repeat(6_000))).isEqualTo("5120+");
    }
}
