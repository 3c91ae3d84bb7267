package dev.anneal.evaluation;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.anneal.evaluation.text.AnswerFigures;
import dev.anneal.text.Cut;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answers of a language model to questions of the rows, beside those of its base model to the same questions.
 *
 * @param baseModel null in the report of an evaluation, which is of one model
 * @param leftOut the questions that do not count, because one of the models has no answer to them
 * @param samples some of the questions with their answers
 */
public record AnswerReport(
        AnswerFigures model,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable AnswerFigures baseModel,
        int leftOut,
        List<Sample> samples) {
    private static final int SAMPLES = 10;
    private static final int LENGTH = 2000;

    /** A question, the wanted answer, that of the model and that of its base model; a text is cut after 2,000 characters. */
    public record Sample(
            String prompt,
            String expected,
            String answer,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            String baseAnswer) {}

    /** An answer, and whether it ended because it may not be longer. */
    public record Answer(String text, boolean isCut) {}

    /** A question and the answers, null if there is none. */
    public record Answered(
            String prompt,
            String expected,
            @Nullable Answer answer,
            @Nullable Answer baseAnswer) {}

    /** The sum over questions. */
    public static final class Sum {
        private final AnswerFigures.Sum model = new AnswerFigures.Sum();
        private final AnswerFigures.@Nullable Sum base;
        private final List<Sample> samples = new ArrayList<>();
        private int leftOut;

        /** @param hasBase whether the base model answers the same questions, too */
        public Sum(boolean hasBase) {
            base = hasBase ? new AnswerFigures.Sum() : null;
        }

        /** Adds a question. It counts only if all models answered it, so that they are compared on the same questions. */
        public void add(Answered question) {
            Answer answer = question.answer();
            Answer ofBase = question.baseAnswer();
            if (answer == null || base != null && ofBase == null) {
                leftOut++;
                return;
            }
            model.add(question.expected(), answer.text(), answer.isCut());
            if (base != null && ofBase != null) {
                base.add(question.expected(), ofBase.text(), ofBase.isCut());
            }
            if (samples.size() < SAMPLES) {
                samples.add(new Sample(
                        cut(question.prompt()),
                        cut(question.expected()),
                        cut(answer.text()),
                        ofBase == null ? null : cut(ofBase.text())));
            }
        }

        /** Returns the report; null if no question counts. */
        public @Nullable AnswerReport report() {
            AnswerFigures figures = model.figures();
            return figures.answers() == 0
                    ? null
                    : new AnswerReport(figures, base == null ? null : base.figures(), leftOut, samples);
        }
    }

    /** Returns the report on the questions that both models answered; null if there are none. */
    public static @Nullable AnswerReport of(List<Answered> questions) {
        Sum sum = new Sum(true);
        questions.forEach(sum::add);
        return sum.report();
    }

    /** Returns the beginning of a text. */
    private static String cut(String text) {
        return Cut.marked(storable(text), LENGTH);
    }

    /** Returns a text without the character 0, which a model may generate, and which Postgres refuses in JSON. */
    public static String storable(String text) {
        return text.replace('\0', '\uFFFD');
    }
}
