package dev.anneal.evaluation;

/** The metrics of one label, as scikit-learn defines them, 0 where they would divide by 0; {@code support} is the number of its examples. */
public record LabelMetrics(String label, double precision, double recall, double f1, int support) {
    static LabelMetrics of(String label, int right, int predicted, int support) {
        return new LabelMetrics(
                label,
                Ratio.of(right, predicted),
                Ratio.of(right, support),
                F1Score.of(right, predicted, support),
                support);
    }
}
