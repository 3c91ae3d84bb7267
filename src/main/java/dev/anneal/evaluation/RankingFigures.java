package dev.anneal.evaluation;

import dev.anneal.evaluation.count.Ratio;
import dev.anneal.evaluation.ranking.Ranking;
import dev.anneal.evaluation.ranking.ThresholdFigures;
import dev.anneal.evaluation.score.Scores;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Figures of the order in which the scores of each label put the examples. {@code rocAuc} and
 * {@code averagePrecision} are the means over the labels for which they are defined, each label against all others; null if there
 * are none.
 */
public record RankingFigures(
        @Nullable Double rocAuc, @Nullable Double averagePrecision, List<OfLabel> labels) {
    /** The most labels with curves, which would otherwise be the largest part of the report. */
    private static final int MOST_CURVES = 100;

    private static final int CURVE_POINTS = 19;

    /**
     * The figures of one label, null if they are not defined.
     *
     * @param curve precision and recall at thresholds from 0.05 to 0.95; null if there are many labels, or if each example has
     *     one of three labels or more
     * @param tuned the figures at the threshold with the best F1 on the validation rows; null without those
     */
    public record OfLabel(
            String label,
            @Nullable Double rocAuc,
            @Nullable Double averagePrecision,
            @Nullable List<ThresholdFigures> curve,
            @Nullable ThresholdFigures tuned) {}

    /** Returns whether an example has a label. */
    interface Has {
        boolean label(int example, int label);
    }

    /** @param tuning thresholds for the labels, if there are validation rows to find them */
    static RankingFigures of(List<String> labels, Scores scores, Has has, boolean curves, @Nullable Tuning tuning) {
        List<OfLabel> figures = new ArrayList<>();
        for (int label = 0; label < labels.size(); label++) {
            Ranking ranking = ranking(scores, has, label);
            Double threshold = tuning == null ? null : tuning.threshold(label);
            figures.add(new OfLabel(
                    labels.get(label),
                    ranking.rocAuc(),
                    ranking.averagePrecision(),
                    curves && labels.size() <= MOST_CURVES ? curve(ranking) : null,
                    threshold == null ? null : ranking.at(threshold)));
        }
        return new RankingFigures(
                mean(figures.stream().map(OfLabel::rocAuc).toList()),
                mean(figures.stream().map(OfLabel::averagePrecision).toList()),
                figures);
    }

    static Ranking ranking(Scores scores, Has has, int label) {
        return Ranking.of(scores.rows(), i -> scores.at(i, label), i -> has.label(i, label));
    }

    private static List<ThresholdFigures> curve(Ranking ranking) {
        return IntStream.rangeClosed(1, CURVE_POINTS)
                .mapToObj(point -> ranking.at(point / (CURVE_POINTS + 1.0)))
                .toList();
    }

    private static @Nullable Double mean(List<@Nullable Double> values) {
        double sum = 0;
        int known = 0;
        for (Double value : values) {
            if (value != null) {
                sum += value;
                known++;
            }
        }
        return Ratio.orNull(sum, known);
    }
}
