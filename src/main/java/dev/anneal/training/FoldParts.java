package dev.anneal.training;

import dev.anneal.evaluation.Report;
import dev.anneal.evaluation.fold.CrossValidation;
import dev.anneal.training.part.Folds;
import dev.anneal.training.part.PartScores;
import dev.anneal.training.process.WorkOrder;
import dev.anneal.training.task.ExampleFile;
import dev.anneal.training.task.PredictionSink;
import dev.anneal.transformer.Predictor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The folds of a job: for each of them, a model is trained on the other folds and computes the rows of this one. */
final class FoldParts {
    private static final String SPLIT = "train";

    private final TrainingData data;
    private final ExampleFile file;
    private final Folds folds;
    private final List<PartTraining.Part> parts = new ArrayList<>();

    /** The metrics of the folds, and the report on all training rows by the scores of the models of their folds. */
    record Result(CrossValidation crossValidation, Report report) {}

    private FoldParts(TrainingData data, ExampleFile file, Folds folds) {
        this.data = data;
        this.file = file;
        this.folds = folds;
        for (int i = 0; i < folds.count(); i++) {
            int fold = i;
            parts.add(PartTraining.Part.of(
                    "fold-" + (fold + 1),
                    "fold %d of %d".formatted(fold + 1, folds.count()),
                    data,
                    example -> folds.ofExample(example) != fold,
                    data.train().only(folds.inside(fold)),
                    SPLIT,
                    file));
        }
    }

    /** Draws the folds of the training rows, which are in the file. */
    static FoldParts of(WorkOrder order, TrainingData data, ExampleFile file, int count) {
        long seed = order.spec().hyperparameters().seed();
        return new FoldParts(
                data, file, Folds.of(order.spec().task(), file, data.train(), count, seed, "Lower 'folds'."));
    }

    List<PartTraining.Part> parts() {
        return parts;
    }

    /** Returns the metrics of the folds, and writes the prediction for each row into a directory; the predictor may be any one. */
    Result result(PartTraining trained, Predictor predictor, Path directory) throws IOException {
        List<PartScores> scores = new ArrayList<>();
        for (PartTraining.Part part : parts) {
            scores.add(trained.scores(part));
        }
        int[] places = folds.places();
        try (RowPredictionWriter rows = new RowPredictionWriter(file.file(), directory, data.task())) {
            PredictionSink sink = (prediction, count) -> rows.write(i -> withFold(prediction.apply(i), i), count);
            Report report = data.task()
                    .evaluate(
                            trained.evaluator(
                                    predictor,
                                    sink,
                                    example ->
                                            scores.get(folds.ofExample(example)).of(places[example])),
                            data.train(),
                            SPLIT,
                            file);
            List<Map<String, Double>> metrics =
                    scores.stream().map(PartScores::metrics).toList();
            return new Result(CrossValidation.of(report.examples(), metrics), report);
        }
    }

    private Map<String, Object> withFold(Map<String, Object> prediction, int row) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("fold", folds.of(row) + 1);
        all.putAll(prediction);
        return all;
    }
}
