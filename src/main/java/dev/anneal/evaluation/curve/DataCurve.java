package dev.anneal.evaluation.curve;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.anneal.evaluation.rows.Gain;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of models that were trained on 10, 25, 50 and 100 % of the training rows, and whether more rows would help.
 *
 * @param split the split on whose rows all of them were evaluated
 * @param metric the metric that decides
 * @param gain by how much the model of all rows is better in this metric than that of half of them; null if it is not defined
 * @param message the verdict in words
 */
public record DataCurve(
        String split,
        String metric,
        List<Point> points,
        @Nullable Gain gain,
        Verdict verdict,
        String message) {
    /** A gain that is surely smaller than this is not worth twice the rows: a hundredth, for errors of the error itself. */
    private static final double SMALL = 0.01;

    public enum Verdict {
        /** The model of all rows is surely better than that of half of them. */
        MORE_ROWS_HELP,
        /** It is surely not much better. */
        ENOUGH_ROWS,
        /** The rows for evaluation do not say. */
        UNKNOWN;

        @JsonValue
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The metrics of a model that was trained on so many rows. */
    public record Point(double fraction, int rows, Map<String, Double> metrics) {}

    /**
     * Returns the curve.
     *
     * @param points from the smallest part to all rows; the last but one has half of them
     * @param half the value of the metric with half of the rows
     * @param all the value with all rows
     * @param isError whether a lower value is better
     */
    public static DataCurve of(
            String split,
            String metric,
            List<Point> points,
            @Nullable Gain gain,
            double half,
            double all,
            boolean isError) {
        Verdict verdict = verdict(gain, isError ? SMALL * half : SMALL);
        String change = "From half of the training rows to all of them, %s went from %.3f to %.3f%s."
                .formatted(
                        metric.replace('_', ' '),
                        half,
                        all,
                        gain == null || gain.interval() == null
                                ? ""
                                : ", a gain of %.3f (95 %% interval %.3f to %.3f)"
                                        .formatted(
                                                gain.gain(),
                                                gain.interval().low(),
                                                gain.interval().high()));
        String advice = switch (verdict) {
            case MORE_ROWS_HELP -> "More rows would probably help.";
            case ENOUGH_ROWS -> "More rows would probably gain little. Improve the labels, or use a larger base model.";
            case UNKNOWN ->
                (hasInterval(gain)
                                ? "The %s rows are too few to say whether more training rows would help."
                                : "The %s rows do not say how far this may be off, so it is not known whether more training rows would help.")
                        .formatted(split);
        };
        return new DataCurve(split, metric, points, gain, verdict, change + " " + advice);
    }

    private static boolean hasInterval(@Nullable Gain gain) {
        return gain != null && gain.interval() != null;
    }

    private static Verdict verdict(@Nullable Gain gain, double small) {
        if (gain == null || gain.interval() == null) {
            return Verdict.UNKNOWN;
        }
        return gain.interval().low() > 0
                ? Verdict.MORE_ROWS_HELP
                : gain.interval().high() < small ? Verdict.ENOUGH_ROWS : Verdict.UNKNOWN;
    }
}
