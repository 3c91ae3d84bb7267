package dev.anneal.evaluation;

import dev.anneal.evaluation.text.AnswerFigures;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answers of a language model to questions of the rows, beside those of its base model.
 *
 * @param samples some of the questions with their answers
 */
public record AnswerReport(AnswerFigures model, AnswerFigures baseModel, List<Sample> samples) {
    private static final int SAMPLES = 10;
    private static final int LENGTH = 2000;

    /** A question, the wanted answer, that of the model and that of its base model; a text is cut after 2,000 characters. */
    public record Sample(
            String prompt,
            String expected,
            String answer,
            @Nullable String baseAnswer) {}

    /** A question and the answers, null if there is none. */
    public record Answered(
            String prompt,
            String expected,
            @Nullable String answer,
            @Nullable String baseAnswer) {}

    /** Returns the report; questions without an answer do not count. Null if no question has one. */
    public static @Nullable AnswerReport of(List<Answered> questions) {
        AnswerFigures.Sum model = new AnswerFigures.Sum();
        AnswerFigures.Sum base = new AnswerFigures.Sum();
        List<Sample> samples = new ArrayList<>();
        for (Answered question : questions) {
            if (question.answer() == null) {
                continue;
            }
            model.add(question.expected(), question.answer());
            if (question.baseAnswer() != null) {
                base.add(question.expected(), question.baseAnswer());
            }
            if (samples.size() < SAMPLES) {
                samples.add(new Sample(
                        cut(question.prompt()),
                        cut(question.expected()),
                        cut(question.answer()),
                        question.baseAnswer() == null ? null : cut(question.baseAnswer())));
            }
        }
        AnswerFigures figures = model.figures();
        return figures.answers() == 0 ? null : new AnswerReport(figures, base.figures(), samples);
    }

    private static String cut(String text) {
        return text.codePointCount(0, text.length()) <= LENGTH
                ? text
                : text.substring(0, text.offsetByCodePoints(0, LENGTH)) + "…";
    }
}
