package dev.anneal.training.answer;

import dev.anneal.evaluation.AnswerReport;
import dev.anneal.evaluation.text.AnswerScore;
import dev.anneal.json.Json;
import dev.anneal.training.process.WorkFiles;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Generated answers in a file of one JSON object per line, each with the number of its row, in the order of the rows. */
public final class AnswerFile implements Closeable {
    private final BufferedReader lines;
    private @Nullable ObjectNode next;

    public AnswerFile(Path file) throws IOException {
        lines = Files.newBufferedReader(file);
        next = read(lines);
    }

    static String line(AnswerRows.Question question, AnswerReport.Answer answer) {
        AnswerScore score = AnswerScore.of(question.wanted(), answer.text());
        ObjectNode line = Json.MAPPER
                .createObjectNode()
                .put(WorkFiles.ROW, question.row())
                .put("expected", question.wanted())
                .put("answer", AnswerReport.storable(answer.text()))
                .put("answer_cut", answer.isCut())
                .put("right", score.right());
        if (score.rougeL() != null) {
            line.put("rouge_l", score.rougeL());
        }
        if (score.chrf() != null) {
            line.put("chrf", score.chrf());
        }
        return line.toString();
    }

    /** Returns the fields of the answer to a row, none if there is no answer. Rows are asked for in their order. */
    public ObjectNode of(long row) throws IOException {
        ObjectNode found = next;
        if (found == null || found.path(WorkFiles.ROW).asLong(0) != row) {
            return Json.MAPPER.createObjectNode();
        }
        next = read(lines);
        found.remove(WorkFiles.ROW);
        return found;
    }

    private static @Nullable ObjectNode read(BufferedReader lines) throws IOException {
        String line = lines.readLine();
        return line == null ? null : (ObjectNode) Json.MAPPER.readTree(line);
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}
