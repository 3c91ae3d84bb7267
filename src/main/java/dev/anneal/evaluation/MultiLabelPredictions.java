package dev.anneal.evaluation;

import dev.anneal.evaluation.calibration.Temperature;
import dev.anneal.evaluation.count.LabelCounts;
import dev.anneal.evaluation.count.Ratio;
import dev.anneal.evaluation.score.LabelSets;
import dev.anneal.evaluation.score.Scores;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The {@code expected} labels of each example, and the probability that a model gave each label. */
public record MultiLabelPredictions(List<String> labels, LabelSets expected, Scores scores) {
    /** Half of the distance from 1 to the fp32 number below it: what rounds to 1 is not surer than that. */
    private static final double SUREST = 0x1p-25;

    public int size() {
        return expected.rows();
    }

    public boolean predicted(int example, int label) {
        return scores.at(example, label) > 0.5;
    }

    /** Returns the mean binary cross-entropy over all labels of all examples; null without examples. */
    public @Nullable Double loss() {
        double sum = 0;
        for (int i = 0; i < size(); i++) {
            for (int label = 0; label < labels.size(); label++) {
                double score = scores.at(i, label);
                sum -= expected.has(i, label)
                        ? Math.log(Math.max(score, Float.MIN_NORMAL))
                        : Math.log(Math.max(1 - score, SUREST));
            }
        }
        return Ratio.orNull(sum, (double) size() * labels.size());
    }

    /** Returns the share of the examples with exactly the expected labels; null without examples. */
    public @Nullable Double accuracy() {
        int right = 0;
        for (int i = 0; i < size(); i++) {
            right += wrong(i) == 0 ? 1 : 0;
        }
        return Ratio.orNull(right, size());
    }

    /** Number of labels that an example has and should not have, or the other way about. */
    int wrong(int example) {
        int wrong = 0;
        for (int label = 0; label < labels.size(); label++) {
            wrong += predicted(example, label) == expected.has(example, label) ? 0 : 1;
        }
        return wrong;
    }

    LabelCounts counts() {
        LabelCounts counts = new LabelCounts(labels.size());
        for (int i = 0; i < size(); i++) {
            for (int label = 0; label < labels.size(); label++) {
                counts.add(label, expected.has(i, label), predicted(i, label));
            }
        }
        return counts;
    }

    /** Returns each label of each example as a decision between its absence (0) and its presence (1). */
    public Temperature.Decisions decisions() {
        return new Temperature.Decisions() {
            @Override
            public long count() {
                return (long) size() * labels.size();
            }

            @Override
            public int labels() {
                return 2;
            }

            @Override
            public int read(long decision, double[] logits) {
                int example = (int) (decision / labels.size());
                int label = (int) (decision % labels.size());
                double score = scores.at(example, label);
                logits[0] = Math.log(Math.max(1 - score, SUREST));
                logits[1] = Temperature.logit(score);
                return expected.has(example, label) ? 1 : 0;
            }
        };
    }

    /** Returns what these predictions, which are those of validation rows, say for other rows. */
    public Tuning tuning() {
        return new Tuning(Temperature.fit(decisions()), false, Thresholds.of(labels.size(), scores, expected::has));
    }
}
