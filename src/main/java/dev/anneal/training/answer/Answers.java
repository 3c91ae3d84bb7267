package dev.anneal.training.answer;

import dev.anneal.evaluation.AnswerReport;
import dev.anneal.evaluation.AnswerReport.Answer;
import dev.anneal.training.process.StopRequest;
import dev.anneal.training.task.ExampleFile;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** Compares the answers of models with the wanted ones. One model at a time is in memory. */
public final class Answers {
    /** The questions that are read ahead of the first one without an answer. The model answers several at a time. */
    private static final int AHEAD = 32;

    private record Pending(AnswerRows.Question question, CompletableFuture<Optional<Answer>> answer) {}

    private Answers() {}

    /** Returns the report on the first questions of a file, with the answers of the base model; null if it has none. */
    public static @Nullable AnswerReport report(
            Path model, Path base, String device, int threads, ExampleFile file, int most, StopRequest stop) {
        List<AnswerRows.Question> questions = AnswerRows.of(file, most);
        if (questions.isEmpty()) {
            return null;
        }
        List<@Nullable Answer> answers = AnswerWriter.write(model, device, threads, questions, stop);
        List<@Nullable Answer> ofBase = AnswerWriter.write(base, device, threads, questions, stop);
        List<AnswerReport.Answered> answered = new ArrayList<>();
        for (int i = 0; i < questions.size(); i++) {
            answered.add(new AnswerReport.Answered(
                    questions.get(i).text(), questions.get(i).wanted(), answers.get(i), ofBase.get(i)));
        }
        return AnswerReport.of(answered);
    }

    /**
     * Writes the answers of a model to the first questions of a file, some at a time, in the order of the rows.
     *
     * @param to becomes an {@link AnswerFile}
     * @param written receives the number of the questions that are done
     * @return the report on them; null if none has an answer
     */
    public static @Nullable AnswerReport write(
            Path model,
            String device,
            int threads,
            ExampleFile file,
            int most,
            Path to,
            StopRequest stop,
            IntConsumer written)
            throws IOException {
        AnswerReport.Sum sum = new AnswerReport.Sum(false);
        try (AnswerWriter writer = new AnswerWriter(model, device, threads);
                BufferedWriter out = Files.newBufferedWriter(to)) {
            Deque<Pending> pending = new ArrayDeque<>();
            int[] done = {0};
            AnswerRows.forEach(file, most, question -> {
                pending.add(new Pending(question, writer.submit(question)));
                if (pending.size() == AHEAD) {
                    add(pending.remove(), stop, sum, out);
                    written.accept(++done[0]);
                }
            });
            while (!pending.isEmpty()) {
                add(pending.remove(), stop, sum, out);
                written.accept(++done[0]);
            }
        }
        return sum.report();
    }

    private static void add(Pending pending, StopRequest stop, AnswerReport.Sum sum, BufferedWriter out) {
        AnswerRows.Question question = pending.question();
        Answer answer = AnswerWriter.await(pending.answer(), stop);
        sum.add(new AnswerReport.Answered(question.text(), question.wanted(), answer, null));
        if (answer != null) {
            try {
                out.write(AnswerFile.line(question, answer));
                out.newLine();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
