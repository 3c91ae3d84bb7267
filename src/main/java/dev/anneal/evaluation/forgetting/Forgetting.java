package dev.anneal.evaluation.forgetting;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The distance that training moved a model away from its base model, for texts that have nothing to do with the training.
 *
 * @param probe the change for general text, which comes with the program
 * @param retained the change for the rows of the {@code retain_dataset}; null without one
 * @param message both in words, and what to do
 */
public record Forgetting(
        Measure measure, Change probe, @Nullable Change retained, String message) {
    /** The number of texts that come with the program. */
    public static final int TEXTS = 72;

    /** The most rows of a {@code retain_dataset} that are computed. */
    public static final int MOST_ROWS = 100;

    /** A rise of the loss below this share of it, or a smaller move of the cosines, is no forgetting. */
    private static final double SMALL = 0.01;

    private static final String REMEDIES =
            " To forget less, lower learning_rate or epochs, use replay, l2_to_base or unfreeze_rank_ratio, or the method lora.";

    /** The figures that are compared. */
    public enum Measure {
        /** The loss of the next token, and the tokens that the models prefer. */
        LOSS,
        /** The loss of masked tokens, with the head of the base model. */
        MASKED_LOSS,
        /** The cosine similarity of pairs of texts. */
        SIMILARITY;

        @JsonValue
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * The figures of both models for the same texts.
     *
     * @param texts how many texts or pairs of texts were computed
     * @param leftOut how many were not, for lack of time
     * @param compared how many tokens or pairs the figures are means of
     * @param before the mean of the base model
     * @param after the mean of the trained model
     * @param change their difference; of similarities, the mean distance that one moved
     * @param agreement the share of the tokens at which both models prefer the same one; null if that is not known
     */
    public record Change(
            int texts,
            int leftOut,
            long compared,
            double before,
            double after,
            double change,
            @Nullable Double agreement) {}

    /** Returns the comparison in words and numbers. */
    public static Forgetting of(Measure measure, Change probe, @Nullable Change retained) {
        String message = "On general text, " + sentence(measure, probe);
        if (retained != null) {
            message += " On the rows of the retain_dataset, " + sentence(measure, retained);
        }
        boolean isSmall = isSmall(measure, probe) && (retained == null || isSmall(measure, retained));
        return new Forgetting(measure, probe, retained, isSmall ? message : message + REMEDIES);
    }

    /**
     * Compares two models.
     *
     * @param before the figures of the base model for some texts, at least one
     * @param after those of the trained model for the same texts
     * @param leftOut how many texts have no figures
     */
    public static Change change(Measure measure, List<TextFigure> before, List<TextFigure> after, int leftOut) {
        if (before.isEmpty() || before.size() != after.size()) {
            throw new IllegalArgumentException("both models must have figures for the same texts");
        }
        double moved = 0;
        long places = 0;
        long same = 0;
        for (int i = 0; i < before.size(); i++) {
            moved += Math.abs(after.get(i).sum() - before.get(i).sum());
            int[] ofBase = before.get(i).preferred();
            int[] ofTrained = after.get(i).preferred();
            places += ofBase.length;
            for (int place = 0; place < ofBase.length; place++) {
                same += ofBase[place] == ofTrained[place] ? 1 : 0;
            }
        }
        double meanBefore = mean(before);
        double meanAfter = mean(after);
        return new Change(
                before.size(),
                leftOut,
                before.stream().mapToLong(TextFigure::count).sum(),
                meanBefore,
                meanAfter,
                measure == Measure.SIMILARITY ? moved / before.size() : meanAfter - meanBefore,
                places == 0 ? null : (double) same / places);
    }

    private static double mean(List<TextFigure> figures) {
        return figures.stream().mapToDouble(TextFigure::sum).sum()
                / figures.stream().mapToLong(TextFigure::count).sum();
    }

    private static boolean isSmall(Measure measure, Change change) {
        return change.change() < (measure == Measure.SIMILARITY ? SMALL : SMALL * change.before());
    }

    private static String sentence(Measure measure, Change change) {
        if (measure == Measure.SIMILARITY) {
            return "the cosine similarity of pairs of texts moved by %s on average, from a mean of %s to %s."
                    .formatted(text(change.change()), text(change.before()), text(change.after()));
        }
        String of = measure == Measure.LOSS ? "the loss" : "the loss of masked tokens";
        String before = text(change.before());
        String after = text(change.after());
        String sentence;
        if (!isSmall(measure, change)) {
            sentence = String.format(
                    Locale.ROOT,
                    "%s rose from %s to %s, by %.0f %%.",
                    of,
                    before,
                    after,
                    100 * change.change() / change.before());
        } else {
            sentence = change.change() > 0
                    ? "%s hardly rose, from %s to %s.".formatted(of, before, after)
                    : "%s did not rise: it was %s and is %s.".formatted(of, before, after);
        }
        return change.agreement() == null
                ? sentence
                : sentence
                        + String.format(
                                Locale.ROOT,
                                " At %.0f %% of the tokens, the model prefers the same next token as its base model.",
                                100 * change.agreement());
    }

    private static String text(double number) {
        return String.format(Locale.ROOT, "%.3f", number);
    }
}
