package dev.anneal.evaluation;

import dev.anneal.evaluation.text.AnswerFigures;
import dev.anneal.text.Cut;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answers of a language model to questions of the rows, beside those of its base model to the same questions.
 *
 * @param leftOut the questions that do not count, because one of the models has no answer to them
 * @param samples some of the questions with their answers
 */
public record AnswerReport(AnswerFigures model, AnswerFigures baseModel, int leftOut, List<Sample> samples) {
    private static final int SAMPLES = 10;
    private static final int LENGTH = 2000;

    /** A question, the wanted answer, that of the model and that of its base model; a text is cut after 2,000 characters. */
    public record Sample(String prompt, String expected, String answer, String baseAnswer) {}

    /** An answer, and whether it ended because it may not be longer. */
    public record Answer(String text, boolean isCut) {}

    /** A question and the answers, null if there is none. */
    public record Answered(
            String prompt,
            String expected,
            @Nullable Answer answer,
            @Nullable Answer baseAnswer) {}

    /** Returns the report; only questions that both models answered count, so that both are compared on the same. Null without any. */
    public static @Nullable AnswerReport of(List<Answered> questions) {
        AnswerFigures.Sum model = new AnswerFigures.Sum();
        AnswerFigures.Sum base = new AnswerFigures.Sum();
        List<Sample> samples = new ArrayList<>();
        for (Answered question : questions) {
            Answer answer = question.answer();
            Answer ofBase = question.baseAnswer();
            if (answer == null || ofBase == null) {
                continue;
            }
            model.add(question.expected(), answer.text(), answer.isCut());
            base.add(question.expected(), ofBase.text(), ofBase.isCut());
            if (samples.size() < SAMPLES) {
                samples.add(new Sample(
                        cut(question.prompt()), cut(question.expected()), cut(answer.text()), cut(ofBase.text())));
            }
        }
        AnswerFigures figures = model.figures();
        return figures.answers() == 0
                ? null
                : new AnswerReport(figures, base.figures(), questions.size() - figures.answers(), samples);
    }

    /** Returns the beginning of a text. Postgres refuses JSON with the character 0, which a model may generate. */
    private static String cut(String text) {
        return Cut.marked(text.replace('\0', '\uFFFD'), LENGTH);
    }
}
