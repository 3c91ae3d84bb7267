package dev.anneal.training.answer;

import dev.anneal.evaluation.AnswerReport;
import dev.anneal.training.process.StopRequest;
import dev.anneal.training.task.ExampleFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Compares the answers of a trained model and of its base model. One model at a time is in memory. */
public final class Answers {
    private Answers() {}

    /** Returns the report on the first questions of a file; null if it has none. */
    public static @Nullable AnswerReport report(
            Path model, Path base, String device, int threads, ExampleFile file, int most, StopRequest stop) {
        List<AnswerRows.Question> questions = AnswerRows.of(file, most);
        if (questions.isEmpty()) {
            return null;
        }
        List<AnswerReport.@Nullable Answer> answers = AnswerWriter.write(model, device, threads, questions, stop);
        List<AnswerReport.@Nullable Answer> ofBase = AnswerWriter.write(base, device, threads, questions, stop);
        List<AnswerReport.Answered> answered = new ArrayList<>();
        for (int i = 0; i < questions.size(); i++) {
            answered.add(new AnswerReport.Answered(
                    questions.get(i).text(), questions.get(i).wanted(), answers.get(i), ofBase.get(i)));
        }
        return AnswerReport.of(answered);
    }
}
