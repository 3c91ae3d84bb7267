package dev.anneal.evaluation.text;

import org.jspecify.annotations.Nullable;

/**
 * The similarity of generated answers to the wanted ones: the share that is the same apart from white space at its ends, the mean F1 of
 * ROUGE-L, and chrF. A figure is null if no answer has it.
 *
 * @param cut how many of the answers ended because they may not be longer
 */
public record AnswerFigures(
        int answers,
        int cut,
        @Nullable Double exactMatch,
        @Nullable Double rougeL,
        @Nullable Double chrf) {

    /** The sums over answers. */
    public static final class Sum {
        private final Chrf chrf = new Chrf();
        private int answers;
        private int cut;
        private int same;
        private int ranked;
        private double rougeL;

        public void add(String reference, String answer, boolean isCut) {
            answers++;
            cut += isCut ? 1 : 0;
            same += AnswerScore.isRight(reference, answer) ? 1 : 0;
            RougeL rouge = RougeL.of(reference, answer);
            if (rouge != null) {
                ranked++;
                rougeL += rouge.f1();
            }
            chrf.add(reference, answer);
        }

        public AnswerFigures figures() {
            return new AnswerFigures(
                    answers,
                    cut,
                    answers == 0 ? null : (double) same / answers,
                    ranked == 0 ? null : rougeL / ranked,
                    chrf.score());
        }
    }
}
