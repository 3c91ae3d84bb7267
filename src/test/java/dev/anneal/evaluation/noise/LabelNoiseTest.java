package dev.anneal.evaluation.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.anneal.evaluation.ReferenceCases;
import java.io.IOException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class LabelNoiseTest {
    private static LabelNoise of(int[] labels, double[][] scores) {
        return LabelNoise.of(scores[0].length, visitor -> {
            for (int row = 0; row < labels.length; row++) {
                visitor.accept(row, labels[row], scores[row]);
            }
        });
    }

    @Test
    void thresholdsCountsAndSuspectsAreThoseOfCleanlab() throws IOException {
        List<JsonNode> cases = ReferenceCases.of("label_noise.jsonl.gz");
        assertThat(cases).hasSize(200);
        for (JsonNode golden : cases) {
            int[] labels = ReferenceCases.ints(golden.get("labels"));
            double[][] scores = golden.get("scores")
                    .valueStream()
                    .map(ReferenceCases::doubles)
                    .toArray(double[][]::new);
            double[] margins = ReferenceCases.doubles(golden.get("margins"));

            LabelNoise noise = of(labels, scores);

            assertThat(noise.thresholds())
                    .containsExactly(ReferenceCases.doubles(golden.get("thresholds")), within(1e-9));
            long[][] joint = new long[scores[0].length][scores[0].length];
            for (int row = 0; row < labels.length; row++) {
                int counted = LabelNoise.counted(scores[row], noise.thresholds());
                if (counted >= 0) {
                    joint[labels[row]][counted]++;
                }
            }
            for (int label = 0; label < joint.length; label++) {
                assertThat(joint[label])
                        .containsExactly(golden.get("joint")
                                .get(label)
                                .valueStream()
                                .mapToLong(JsonNode::asLong)
                                .toArray());
            }
            assertThat(noise.confident()).isEqualTo(golden.get("issues").size());
            int[] issues = ReferenceCases.ints(golden.get("issues"));
            Comparator<Integer> order =
                    Comparator.<Integer>comparingDouble(row -> margins[row]).thenComparingInt(row -> row);
            int[] wrong = IntStream.range(0, labels.length)
                    .filter(row -> margins[row] < 0.5 - 1e-12)
                    .boxed()
                    .sorted(Comparator.<Integer, Boolean>comparing(row -> Arrays.binarySearch(issues, row) < 0)
                            .thenComparing(order))
                    .limit(Math.max(20, issues.length))
                    .sorted(order)
                    .mapToInt(row -> row)
                    .toArray();
            assertThat(noise.suspects()).hasSize(wrong.length);
            noise.suspects().forEach(suspect -> {
                // cleanlab scales the margin to 0 … 1
                assertThat((suspect.margin() + 1) / 2).isCloseTo(margins[suspect.row()], within(1e-9));
                assertThat(suspect.isConfident()).isEqualTo(Arrays.binarySearch(issues, suspect.row()) >= 0);
            });
            for (int i = 0; i < wrong.length; i++) {
                assertThat(margins[noise.suspects().get(i).row()]).isCloseTo(margins[wrong[i]], within(1e-12));
            }
        }
    }

    /** Returns the noise in rows with two labels in turn, of which each first one has these scores, and each second one those. */
    private static LabelNoise inTurn(int rows, double[] first, double[] second) {
        return of(
                IntStream.range(0, rows).map(row -> row % 2).toArray(),
                IntStream.range(0, rows)
                        .mapToObj(row -> row % 2 == 0 ? first : second)
                        .toArray(double[][]::new));
    }

    @Test
    void allRowsThatCountForAnotherLabelAreNamedUpToTwoThousand() {
        double[] first = {0.2, 0.8};
        double[] second = {0.6, 0.4};

        assertThat(inTurn(1_000, first, second).suspects()).hasSize(1_000);
        LabelNoise many = inTurn(3_000, first, second);
        assertThat(many.confident()).isEqualTo(3_000);
        assertThat(many.suspects()).hasSize(2_000);
    }

    @Test
    void ofOtherRowsAtMostATenthIsNamed() {
        LabelNoise noise = inTurn(1_000, new double[] {0.4, 0.6}, new double[] {0.1, 0.9});

        assertThat(noise.confident()).isZero();
        assertThat(noise.suspects()).hasSize(100);
    }

    /** A table of all pairs of labels would take 20 GB. */
    @Test
    void theMemoryGrowsWithTheLabelsAndNotWithTheirPairs() {
        double[] scores = new double[50_000];
        scores[3] = 0.9;

        LabelNoise noise = of(new int[] {3, 3, 7}, new double[][] {scores, scores, scores});

        assertThat(noise.suspects())
                .singleElement()
                .satisfies(suspect -> assertThat(suspect.suggested()).isEqualTo(3));
    }

    @Test
    void aLabelWithoutRowsIsSuggestedButDoesNotCount() {
        double[][] scores = {{0.1, 0.2, 0.7}, {0.9, 0.1, 0}, {0.1, 0.9, 0}};

        LabelNoise noise = of(new int[] {0, 0, 1}, scores);

        assertThat(noise.suspects()).singleElement().satisfies(suspect -> {
            assertThat(suspect.suggested()).isEqualTo(2);
            assertThat(suspect.isConfident()).isFalse();
        });
    }
}
