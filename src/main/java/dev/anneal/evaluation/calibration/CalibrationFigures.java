package dev.anneal.evaluation.calibration;

import dev.anneal.evaluation.score.Largest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The figures of the probabilities of a model: the expected calibration error, the Brier score and the mean cross-entropy, null
 * without examples, and the reliability curve.
 */
public record CalibrationFigures(
        @Nullable Double ece,
        @Nullable Double brier,
        @Nullable Double logLoss,
        List<Reliability.Bin> bins) {
    /** The kind of decisions: for one of the labels, or for or against each label. */
    public enum Kind {
        ONE_LABEL,
        EACH_LABEL
    }

    /**
     * Returns the figures of decisions at a temperature. If one label is chosen, the confidence is that of the most probable
     * label, and the Brier score of two labels is that of one of them, as in scikit-learn. If each label is a decision, the
     * decisions are between its absence (0) and its presence (1), and the confidence is the probability of the presence.
     */
    public static CalibrationFigures of(Temperature.Decisions decisions, double temperature, Kind kind) {
        Reliability reliability = new Reliability();
        double[] p = new double[decisions.labels()];
        double brier = 0;
        double loss = 0;
        for (long i = 0; i < decisions.count(); i++) {
            int label = decisions.read(i, p);
            Temperature.apply(temperature, p);
            if (kind == Kind.EACH_LABEL) {
                reliability.add(p[1], label == 1);
            } else {
                int best = Largest.of(p);
                reliability.add(p[best], best == label);
            }
            for (int k = 0; k < p.length; k++) {
                double difference = p[k] - (k == label ? 1 : 0);
                brier += difference * difference;
            }
            loss -= Math.log(Math.max(p[label], Float.MIN_NORMAL));
        }
        long count = decisions.count();
        double factor = decisions.labels() == 2 ? 0.5 : 1;
        return new CalibrationFigures(
                reliability.expectedError(),
                count == 0 ? null : factor * brier / count,
                count == 0 ? null : loss / count,
                reliability.bins());
    }
}
