package dev.anneal.training.fewshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TextPairsTest {
    private static final int[] LABELS = {0, 1, 1, 2, 0, 1, 2, 2, 2};

    private static TextPairs draw(int[] labels, int count) {
        return TextPairs.draw(labels, count, new SplittableRandom(1));
    }

    @Test
    void eachRowIsInTwentyPairsOfItsLabelAndInAsManyOfTwoLabels() {
        TextPairs pairs = draw(LABELS, 3);

        assertThat(pairs.first()).hasSize(40 * LABELS.length).hasSameSizeAs(pairs.second());
        int[][] counts = new int[LABELS.length][2];
        for (int i = 0; i < pairs.first().length; i++) {
            assertThat(pairs.first()[i]).isNotEqualTo(pairs.second()[i]);
            counts[pairs.first()[i]][LABELS[pairs.first()[i]] == LABELS[pairs.second()[i]] ? 1 : 0]++;
        }
        assertThat(counts).isDeepEqualTo(same(LABELS.length));
    }

    private static int[][] same(int rows) {
        int[][] counts = new int[rows][];
        Arrays.fill(counts, new int[] {20, 20});
        return counts;
    }

    @Test
    void everyOtherRowIsDrawn() {
        TextPairs pairs = draw(LABELS, 3);

        for (int row = 0; row < LABELS.length; row++) {
            assertThat(pairs.second()).contains(row);
        }
    }

    @Test
    void aSeedAlwaysDrawsTheSamePairs() {
        assertThat(draw(LABELS, 3).second()).isEqualTo(draw(LABELS, 3).second());
    }

    /** A fold or a part of a data curve may lack rows of a label. */
    @Test
    void aLabelWithOneRowAndALabelWithoutOthersHavePairs() {
        assertThat(draw(new int[] {0, 1, 1}, 3).second()[0]).isZero();
        assertThat(draw(new int[] {1, 1}, 2).second()).hasSize(80).containsOnly(0, 1);
    }
}
