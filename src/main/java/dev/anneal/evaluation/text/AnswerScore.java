package dev.anneal.evaluation.text;

import org.jspecify.annotations.Nullable;

/**
 * The similarity of one answer to the wanted one: whether it is the same apart from white space at its ends, the F1 of ROUGE-L, and
 * chrF. A figure that is not defined is null.
 */
public record AnswerScore(
        boolean right, @Nullable Double rougeL, @Nullable Double chrf) {
    public static AnswerScore of(String reference, String answer) {
        RougeL rouge = RougeL.of(reference, answer);
        Chrf chrf = new Chrf();
        chrf.add(reference, answer);
        return new AnswerScore(isRight(reference, answer), rouge == null ? null : rouge.f1(), chrf.score());
    }

    static boolean isRight(String reference, String answer) {
        return reference.strip().equals(answer.strip());
    }
}
