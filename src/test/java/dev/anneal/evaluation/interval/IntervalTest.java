package dev.anneal.evaluation.interval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.anneal.evaluation.Cases;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The share of intervals that cover the truth is itself uncertain: by 1.1 % with 400 samples, by 0.6 % with 1,500. */
class IntervalTest {
    private static final int RUNS = 400;
    private static final int ROWS = 200;
    private static final int FEW_ROWS = 20;
    private static final int MANY_RUNS = 1_500;

    /** The p-value of scipy's binomtest. */
    @Test
    void mcNemarsTestIsTheExactOne() {
        for (JsonNode wanted : Cases.read("mcnemar.jsonl.gz")) {
            long onlyFirst = wanted.path("only_first").asLong();
            long onlySecond = wanted.path("only_second").asLong();

            Cases.check("p", McNemar.pValue(onlyFirst, onlySecond), wanted.path("p_value"));
            assertThat(McNemar.pValue(onlySecond, onlyFirst)).isEqualTo(McNemar.pValue(onlyFirst, onlySecond));
        }
    }

    /** The figures are those of scipy.stats.norm. */
    @Test
    void theNormalDistributionIsThatOfScipy() {
        assertThat(Normal.probability(1.96)).isCloseTo(0.9750021048517795, within(1e-14));
        assertThat(Normal.probability(-4)).isCloseTo(3.167124183311986e-05, within(1e-15));
        assertThat(Normal.quantile(0.975)).isCloseTo(1.959963984540054, within(1e-12));
        assertThat(Normal.quantile(0.001)).isCloseTo(-3.090232306167813, within(1e-12));
    }

    /** Three labels of 60, 30 and 10 %, right with probability 0.9, 0.8 and 0.6, and wrong by chance otherwise: 20 rows have the rarest one. */
    @Test
    void intervalsOfClassificationCoverTheTruth() {
        double[] share = {0.6, 0.3, 0.1};
        double[] right = {0.9, 0.8, 0.6};
        double[][] joint = new double[3][3];
        for (int label = 0; label < 3; label++) {
            for (int found = 0; found < 3; found++) {
                joint[label][found] = share[label] * (label == found ? right[label] : (1 - right[label]) / 2);
            }
        }
        double[] truth = ofCells(joint);
        int[] covered = new int[2];
        SplittableRandom random = new SplittableRandom(1);
        for (int run = 0; run < MANY_RUNS; run++) {
            int[] cells = new int[ROWS];
            for (int i = 0; i < ROWS; i++) {
                int label = draw(share, random);
                int found = random.nextDouble() < right[label] ? label : (label + 1 + random.nextInt(2)) % 3;
                cells[i] = 3 * label + found;
            }
            Bootstrap bootstrap = Bootstrap.of(ROWS, rows -> {
                double[][] counts = new double[3][3];
                for (int row : rows) {
                    counts[cells[row] / 3][cells[row] % 3]++;
                }
                return ofCells(counts);
            });
            count(bootstrap, truth, covered);
        }
        assertCoverage(covered, MANY_RUNS);
    }

    /** Accuracy and macro F1 of shares or counts of label and prediction. */
    private static double[] ofCells(double[][] cells) {
        double right = 0;
        double all = 0;
        double f1 = 0;
        for (int label = 0; label < 3; label++) {
            double support = 0;
            double predicted = 0;
            for (int other = 0; other < 3; other++) {
                support += cells[label][other];
                predicted += cells[other][label];
            }
            right += cells[label][label];
            all += support;
            f1 += 2 * cells[label][label] / (support + predicted) / 3;
        }
        return new double[] {right / all, f1};
    }

    /** Squared errors are skewed: those of a normal distribution with the standard deviation 2. */
    @Test
    void intervalsOfErrorsCoverTheTruth() {
        int[] covered = new int[2];
        java.util.Random random = new java.util.Random(2);
        for (int run = 0; run < RUNS; run++) {
            double[] errors =
                    random.doubles(ROWS).map(x -> 2 * random.nextGaussian()).toArray();
            count(
                    Bootstrap.of(ROWS, rows -> {
                        return new double[] {
                            mean(rows, i -> errors[i] * errors[i]), mean(rows, i -> Math.abs(errors[i]))
                        };
                    }),
                    new double[] {4, 2 * Math.sqrt(2 / Math.PI)},
                    covered);
        }
        assertCoverage(covered, RUNS);
    }

    /** Without the factor of Student's t, 92.7 % of 1,500 intervals covered the truth. */
    @Test
    void intervalsOfFewNumbersCoverTheTruth() {
        int[] covered = new int[1];
        java.util.Random random = new java.util.Random(4);
        for (int run = 0; run < MANY_RUNS; run++) {
            double[] numbers =
                    random.doubles(FEW_ROWS).map(x -> random.nextGaussian()).toArray();
            Bootstrap bootstrap = Bootstrap.of(FEW_ROWS, rows -> new double[] {mean(rows, i -> numbers[i])});
            count(bootstrap, new double[] {0}, covered);
        }
        assertThat((double) covered[0] / MANY_RUNS).isBetween(0.935, 0.965);
    }

    private static void count(Bootstrap bootstrap, double[] truth, int[] covered) {
        for (int k = 0; k < truth.length; k++) {
            Interval interval = bootstrap.interval(k);
            covered[k] += interval.low() <= truth[k] && truth[k] <= interval.high() ? 1 : 0;
        }
    }

    private static void assertCoverage(int[] covered, int runs) {
        for (int count : covered) {
            assertThat((double) count / runs).isBetween(0.93, 0.97);
        }
    }

    /** Two models that are right equally often differ with p < 0.05 in about 5 % of the samples. */
    @Test
    void aPairedTestFindsNoDifferenceWhereThereIsNone() {
        SplittableRandom random = new SplittableRandom(3);
        int found = 0;
        for (int run = 0; run < RUNS; run++) {
            int[] difference = random.ints(ROWS, 0, 10)
                    .map(x -> x == 0 ? 1 : x == 1 ? -1 : 0)
                    .toArray();
            Double p = Bootstrap.of(ROWS, rows -> new double[] {mean(rows, i -> difference[i])})
                    .pValue(0);
            found += p < 0.05 ? 1 : 0;
        }
        assertThat((double) found / RUNS).isBetween(0.02, 0.09);
    }

    @Test
    void aPairedTestFindsALargeDifference() {
        SplittableRandom random = new SplittableRandom(4);
        int[] difference =
                random.ints(ROWS, 0, 10).map(x -> x < 2 ? 1 : x == 2 ? -1 : 0).toArray();
        Bootstrap bootstrap = Bootstrap.of(ROWS, rows -> new double[] {mean(rows, i -> difference[i])});

        assertThat(bootstrap.pValue(0)).isLessThan(0.01);
        assertThat(bootstrap.interval(0).low()).isPositive();
    }

    @Test
    void theSameRowsGiveTheSameInterval() {
        Bootstrap.Statistic mean = rows -> new double[] {mean(rows, i -> i % 7)};

        assertThat(Bootstrap.of(100, mean).interval(0))
                .isEqualTo(Bootstrap.of(100, mean).interval(0));
    }

    @Test
    void whatCannotBeKnownHasNoInterval() {
        assertThat(Bootstrap.of(1, rows -> new double[] {1}).interval(0))
                .as("one row")
                .isNull();
        assertThat(Bootstrap.of(50, rows -> new double[] {1}).interval(0))
                .as("all draws are the same")
                .isNull();
        assertThat(Bootstrap.of(50, rows -> new double[] {Double.NaN}).interval(0))
                .as("not defined")
                .isNull();
        assertThat(Bootstrap.of(0, rows -> new double[] {Double.NaN}).figure(0)).isNull();
    }

    private static double mean(int[] rows, IntToDoubleFunction value) {
        double sum = 0;
        for (int row : rows) {
            sum += value.applyAsDouble(row);
        }
        return sum / rows.length;
    }

    private static int draw(double[] share, SplittableRandom random) {
        double at = random.nextDouble();
        return at < share[0] ? 0 : at < share[0] + share[1] ? 1 : 2;
    }
}
