package dev.anneal.evaluation.fold;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StratifiedFoldsTest {
    private static final int CASES = 200;

    /** Returns how many rows of a stratum each fold has; of all strata for -1. */
    private static int[] counts(int[] drawn, int[] strata, int stratum, int folds) {
        int[] counts = new int[folds];
        for (int row = 0; row < drawn.length; row++) {
            counts[drawn[row]] += stratum < 0 || strata[row] == stratum ? 1 : 0;
        }
        return counts;
    }

    private static int range(int[] counts) {
        return Arrays.stream(counts).max().orElseThrow()
                - Arrays.stream(counts).min().orElseThrow();
    }

    @Test
    void foldsDifferByAtMostOneRowOfEachStratumAndInTotal() {
        Random random = new Random(1);
        for (int i = 0; i < CASES; i++) {
            int folds = 2 + random.nextInt(9);
            int labels = 1 + random.nextInt(6);
            int rows = folds + random.nextInt(300);
            double skew = 1 + 3 * random.nextDouble();
            int[] strata = IntStream.range(0, rows)
                    .map(row -> (int) (labels * Math.pow(random.nextDouble(), skew)))
                    .toArray();
            long[] units = IntStream.range(0, rows).mapToLong(row -> row).toArray();

            int[] drawn = StratifiedFolds.of(strata, units, folds, random.nextLong());

            assertThat(range(counts(drawn, strata, -1, folds))).isLessThanOrEqualTo(1);
            for (int label = 0; label < labels; label++) {
                assertThat(range(counts(drawn, strata, label, folds))).isLessThanOrEqualTo(1);
            }
        }
    }

    @Test
    void rowsOfAUnitStayTogetherAndNoFoldIsEmptyIfThereAreEnoughUnits() {
        Random random = new Random(2);
        for (int i = 0; i < CASES; i++) {
            int folds = 2 + random.nextInt(5);
            int count = folds + random.nextInt(20);
            int rows = count + random.nextInt(200);
            long[] units = IntStream.range(0, rows)
                    .mapToLong(row -> row < count ? row : random.nextInt(count))
                    .toArray();
            int[] strata =
                    IntStream.range(0, rows).map(row -> random.nextInt(3)).toArray();

            int[] drawn = StratifiedFolds.of(strata, units, folds, random.nextLong());

            Map<Long, Integer> foldOfUnit = new HashMap<>();
            for (int row = 0; row < rows; row++) {
                assertThat(foldOfUnit.computeIfAbsent(units[row], unit -> -1)).isIn(-1, drawn[row]);
                foldOfUnit.put(units[row], drawn[row]);
            }
            assertThat(counts(drawn, strata, -1, folds)).doesNotContain(0);
        }
    }

    @Test
    void theSameSeedDrawsTheSameFoldsAndAnotherOneOthers() {
        int[] strata = IntStream.range(0, 100).map(row -> row % 3).toArray();
        long[] units = IntStream.range(0, 100).mapToLong(row -> row).toArray();

        assertThat(StratifiedFolds.of(strata, units, 5, 7)).isEqualTo(StratifiedFolds.of(strata, units, 5, 7));
        assertThat(StratifiedFolds.of(strata, units, 5, 8)).isNotEqualTo(StratifiedFolds.of(strata, units, 5, 7));
    }

    @Test
    void theSpreadIsTheMeanAndTheDeviationOfTheFoldsThatAllHaveTheMetric() {
        Random random = new Random(3);
        for (int i = 0; i < CASES; i++) {
            int folds = 2 + random.nextInt(9);
            List<Map<String, Double>> metrics = new ArrayList<>();
            double sum = 0;
            double squares = 0;
            for (int fold = 0; fold < folds; fold++) {
                double value = random.nextGaussian();
                sum += value;
                squares += value * value;
                metrics.add(fold == 0 ? Map.of("accuracy", value) : Map.of("accuracy", value, "f1", 0.5));
            }

            CrossValidation all = CrossValidation.of(100, metrics);

            assertThat(all.folds()).isEqualTo(folds);
            assertThat(all.metrics()).containsOnlyKeys("accuracy");
            CrossValidation.Spread spread = all.metrics().get("accuracy");
            assertThat(spread.mean()).isCloseTo(sum / folds, within(1e-9));
            assertThat(spread.deviation())
                    .isCloseTo(Math.sqrt((squares - sum * sum / folds) / (folds - 1)), within(1e-9));
        }
    }
}
