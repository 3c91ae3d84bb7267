package dev.anneal.evaluation.bias;

import java.util.BitSet;
import java.util.Comparator;
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
        private final BitSet positive;
        private final float[] scores;
        private final int[] order;

        /** Sorts the rows; {@code positive} are those that have the label. */
        public Ranked(BitSet positive, float[] scores) {
            this.positive = positive;
            this.scores = scores;
            this.order = IntStream.range(0, scores.length)
                    .boxed()
                    .sorted(Comparator.comparingDouble(row -> scores[row]))
                    .mapToInt(Integer::intValue)
                    .toArray();
        }

        /** Returns the figures of a group. */
        public SubgroupAuc of(BitSet group) {
            BitSet both = (BitSet) group.clone();
            both.and(positive);
            return new SubgroupAuc(
                    group.cardinality(),
                    both.cardinality(),
                    auc(group::get),
                    auc(row -> group.get(row) != positive.get(row)),
                    auc(row -> group.get(row) == positive.get(row)));
        }

        /** Returns the area under the ROC curve of all rows. */
        public @Nullable Double all() {
            return auc(row -> true);
        }

        /** Returns the share of the pairs of rows, one with the label and one without, in the right order. Equal scores count half. */
        private @Nullable Double auc(IntPredicate counts) {
            long negatives = 0; // with lower scores
            long positives = 0;
            double pairs = 0;
            for (int from = 0; from < order.length; ) {
                int to = from;
                int equalPositives = 0;
                int equalNegatives = 0;
                for (; to < order.length && scores[order[to]] == scores[order[from]]; to++) {
                    if (counts.test(order[to])) {
                        equalPositives += positive.get(order[to]) ? 1 : 0;
                        equalNegatives += positive.get(order[to]) ? 0 : 1;
                    }
                }
                pairs += equalPositives * (negatives + equalNegatives / 2.0);
                negatives += equalNegatives;
                positives += equalPositives;
                from = to;
            }
            return positives == 0 || negatives == 0 ? null : pairs / ((double) positives * negatives);
        }
    }
}
