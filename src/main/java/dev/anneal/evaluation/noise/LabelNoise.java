package dev.anneal.evaluation.noise;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Finds rows whose label is probably wrong, by confident learning (<a href="https://doi.org/10.1613/jair.1.12125">Northcutt et al.,
 * 2021</a>). A row counts for another label if the probability of that label is at least the mean of those that the rows of that
 * label get. The probabilities must come from a model that was not trained on the row.
 */
public final class LabelNoise {
    private static final double SHARE = 0.1;
    private static final int FEWEST = 20;
    private static final int MOST = 2_000;

    /** Rows with a label, by number, and the probabilities of all labels, which can be read several times. */
    public interface Rows {
        void forEach(Visitor visitor);
    }

    /** Receives the number of a row, counted from 0, its label and the probabilities of the labels. */
    public interface Visitor {
        void accept(int row, int label, double[] probabilities);
    }

    /**
     * A row whose label is probably wrong.
     *
     * @param row its number, counted from 0
     * @param suggested the most probable other label
     * @param margin the probability of its label minus that of the suggested one, from -1 to 1; the lower, the less probable the label
     * @param isConfident whether the row counts for another label
     */
    public record Suspect(
            int row, int label, int suggested, double margin, double selfConfidence, boolean isConfident) {}

    private final double[] thresholds;
    private final List<Suspect> suspects;
    private final int rows;
    private final int confident;

    private LabelNoise(double[] thresholds, List<Suspect> suspects, int rows, int confident) {
        this.thresholds = thresholds;
        this.suspects = suspects;
        this.rows = rows;
        this.confident = confident;
    }

    public static LabelNoise of(int labels, Rows rows) {
        double[] sums = new double[labels];
        int[] counts = new int[labels];
        rows.forEach((row, label, probabilities) -> {
            sums[label] += probabilities[label];
            counts[label]++;
        });
        double[] thresholds = new double[labels];
        for (int label = 0; label < labels; label++) {
            // A label without rows has no threshold, so that no row counts for it.
            thresholds[label] = counts[label] == 0 ? Double.POSITIVE_INFINITY : sums[label] / counts[label];
        }
        int all = Arrays.stream(counts).sum();
        int most = Math.min(MOST, Math.max(FEWEST, (int) Math.ceil(SHARE * all)));
        Comparator<Suspect> order = Comparator.comparingDouble(Suspect::margin).thenComparingInt(Suspect::row);
        Comparator<Suspect> confidentFirst =
                Comparator.comparing(Suspect::isConfident).reversed().thenComparing(order);
        PriorityQueue<Suspect> first = new PriorityQueue<>(confidentFirst.reversed());
        int[] confident = {0};
        rows.forEach((row, label, probabilities) -> {
            int counted = counted(probabilities, thresholds);
            int other = other(label, probabilities);
            double margin = probabilities[label] - probabilities[other];
            boolean isConfident = counted >= 0 && counted != label && margin < 0;
            confident[0] += isConfident ? 1 : 0;
            if (labels > 1 && margin < 0) {
                first.add(new Suspect(row, label, other, margin, probabilities[label], isConfident));
                if (first.size() > MOST) {
                    first.remove();
                }
            }
        });
        List<Suspect> suspects = first.stream()
                .sorted(confidentFirst)
                .limit(Math.max(most, Math.min(MOST, confident[0])))
                .sorted(order)
                .toList();
        return new LabelNoise(thresholds, suspects, all, confident[0]);
    }

    /** Returns the most probable label of those that reach their threshold, or -1. */
    static int counted(double[] probabilities, double[] thresholds) {
        int best = -1;
        for (int label = 0; label < probabilities.length; label++) {
            if (probabilities[label] >= thresholds[label] && (best < 0 || probabilities[label] > probabilities[best])) {
                best = label;
            }
        }
        return best;
    }

    private static int other(int label, double[] probabilities) {
        int best = label == 0 && probabilities.length > 1 ? 1 : 0;
        for (int i = 0; i < probabilities.length; i++) {
            if (i != label && probabilities[i] > probabilities[best]) {
                best = i;
            }
        }
        return best;
    }

    /** Returns the number of rows that were looked at. */
    public int rows() {
        return rows;
    }

    /** Returns the number of rows that count for another label than theirs, which the model does not think more probable. */
    public int confident() {
        return confident;
    }

    /**
     * Returns rows for which another label is more probable, the least probable labels first: those that count for another label, and
     * others up to a tenth of all rows. There are at most 2,000.
     */
    public List<Suspect> suspects() {
        return suspects;
    }

    /** Returns the least probability of each label with which a row counts for it. */
    public double[] thresholds() {
        return thresholds;
    }
}
