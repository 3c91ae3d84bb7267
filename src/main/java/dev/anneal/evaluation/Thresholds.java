package dev.anneal.evaluation;

import dev.anneal.evaluation.ranking.ThresholdFigures;
import dev.anneal.evaluation.score.Scores;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The scores from which giving a label has the best F1. */
final class Thresholds {
    private Thresholds() {}

    /** Returns a threshold for each label, null for one without examples. */
    static List<@Nullable Double> of(int labels, Scores scores, RankingFigures.Has has) {
        List<@Nullable Double> thresholds = new ArrayList<>();
        for (int label = 0; label < labels; label++) {
            ThresholdFigures best = RankingFigures.ranking(scores, has, label).best();
            thresholds.add(best == null ? null : best.threshold());
        }
        return thresholds;
    }
}
