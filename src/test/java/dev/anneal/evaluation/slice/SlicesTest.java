package dev.anneal.evaluation.slice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.anneal.evaluation.ReferenceCases;
import dev.anneal.evaluation.rows.LabelRows;
import dev.anneal.evaluation.rows.LabelSetRows;
import dev.anneal.evaluation.rows.NumberRows;
import dev.anneal.evaluation.rows.RowMetrics;
import java.io.IOException;
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
