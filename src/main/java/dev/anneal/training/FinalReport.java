package dev.anneal.training;

import dev.anneal.evaluation.ClassificationReport;
import dev.anneal.evaluation.Predictions;
import dev.anneal.json.Json;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes {@code report.json} and {@code predictions.jsonl}: how good the published model is on the rows of one file. */
record FinalReport(Path workDirectory) {
    static final String REPORT = "report.json";
    static final String PREDICTIONS = "predictions.jsonl";

    /** A line of the predictions; {@code textNumber} counts the rows of the file from 1. */
    record Line(int textNumber, String label, String predicted, Map<String, Float> scores) {}

    ClassificationReport write(String split, Predictions predictions, ExampleFile file) throws IOException {
        Map<Integer, String> texts = file.texts(new HashSet<>(ClassificationReport.worstMistakes(predictions)));
        ClassificationReport report = ClassificationReport.of(split, predictions, texts::get);
        Files.writeString(workDirectory.resolve(REPORT), Json.write(report));
        try (BufferedWriter out = Files.newBufferedWriter(workDirectory.resolve(PREDICTIONS))) {
            for (int i = 0; i < predictions.size(); i++) {
                out.write(Json.write(line(predictions, i)));
                out.newLine();
            }
        }
        return report;
    }

    private static Line line(Predictions predictions, int i) {
        Map<String, Float> scores = new LinkedHashMap<>();
        for (int label = 0; label < predictions.labels().size(); label++) {
            scores.put(predictions.labels().get(label), predictions.scores()[i][label]);
        }
        return new Line(
                i + 1,
                predictions.labels().get(predictions.expected()[i]),
                predictions.labels().get(predictions.predicted(i)),
                scores);
    }
}
