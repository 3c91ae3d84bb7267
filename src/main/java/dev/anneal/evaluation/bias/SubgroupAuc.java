package dev.anneal.evaluation.bias;

import dev.anneal.evaluation.count.Ratio;
import dev.anneal.evaluation.ranking.Ranking;
import java.util.BitSet;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The areas under ROC curves of the scores of a label, for the rows that mention a group
 * (<a href="https://doi.org/10.1145/3308560.3317593">Borkan et al., 2019</a>). A figure is null if one side has no rows.
 *
 * @param subgroup the area under the ROC curve of the rows of the group
 * @param bpsn that of the rows with the label of the background, and those without it of the group: low if rows of the group
 *     without the label get high scores
 * @param bnsp that of the rows without the label of the background, and those with it of the group: low if rows of the group
 *     with the label get low scores
 */
public record SubgroupAuc(
        int examples,
        int positive,
        @Nullable Double subgroup,
        @Nullable Double bpsn,
        @Nullable Double bnsp) {
    /** The rows in the order of the scores of a label, so that they are sorted once for all groups. */
    public static final class Ranked {
        private final BitSet positive = new BitSet();
        private final Ranking.Score score;
        private final int[] order;
        private final @Nullable Double all;

        /** Sorts rows; {@code isPositive} tells whether a row has the label. */
        public Ranked(int rows, IntPredicate isPositive, Ranking.Score score) {
            IntStream.range(0, rows).filter(isPositive).forEach(positive::set);
            this.score = score;
            this.order = Ranking.ascending(rows, score);
            this.all = of(row -> true).subgroup;
        }

        /** Returns the figures of a group. */
        public SubgroupAuc of(IntPredicate isOfGroup) {
            Counts counts = new Counts();
            for (int from = 0; from < order.length; ) {
                float equal = score.of(order[from]);
                int to = from;
                do {
                    int row = order[to++];
                    counts.add(positive.get(row), isOfGroup.test(row));
                } while (to < order.length && score.of(order[to]) == equal);
                counts.next();
                from = to;
            }
            return new SubgroupAuc(
                    (int) (counts.positives[Counts.GROUP] + counts.negatives[Counts.GROUP]),
                    (int) counts.positives[Counts.GROUP],
                    counts.auc(Counts.GROUP, Counts.GROUP),
                    counts.auc(Counts.BACKGROUND, Counts.GROUP),
                    counts.auc(Counts.GROUP, Counts.BACKGROUND));
        }

        /** Returns the area under the ROC curve of all rows. */
        public @Nullable Double all() {
            return all;
        }
    }

    /** Counts rows in the order of their scores, those of the group apart from the others. */
    private static final class Counts {
        static final int BACKGROUND = 0;
        static final int GROUP = 1;

        /** The rows without the label, and those with it, that have lower scores. */
        final long[] negatives = new long[2];

        final long[] positives = new long[2];
        /** Those that have the same score. */
        private final int[] equalNegatives = new int[2];

        private final int[] equalPositives = new int[2];
        /** The pairs of a row with the label (first) and one without it (second) in the right order. Equal scores count half. */
        private final double[][] pairs = new double[2][2];

        void add(boolean isPositive, boolean isOfGroup) {
            (isPositive ? equalPositives : equalNegatives)[isOfGroup ? GROUP : BACKGROUND]++;
        }

        /** Begins with a higher score. */
        void next() {
            for (int with = 0; with < 2; with++) {
                for (int without = 0; without < 2; without++) {
                    pairs[with][without] += equalPositives[with] * (negatives[without] + equalNegatives[without] / 2.0);
                }
            }
            for (int side = 0; side < 2; side++) {
                positives[side] += equalPositives[side];
                negatives[side] += equalNegatives[side];
                equalPositives[side] = 0;
                equalNegatives[side] = 0;
            }
        }

        /** Returns the share of the pairs in the right order; null if there are none. */
        @Nullable
        Double auc(int with, int without) {
            return Ratio.orNull(pairs[with][without], (double) positives[with] * negatives[without]);
        }
    }
}
