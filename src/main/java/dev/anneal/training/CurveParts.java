package dev.anneal.training;

import dev.anneal.evaluation.curve.DataCurve;
import dev.anneal.training.part.Folds;
import dev.anneal.training.part.PartScores;
import dev.anneal.training.process.WorkOrder;
import dev.anneal.training.task.ExampleFile;
import dev.anneal.training.task.Examples;
import dev.anneal.training.task.PredictionSink;
import dev.anneal.transformer.Predictor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The parts of a data curve: 10, 25 and 50 % of the training rows. Each part has all rows of the one before, and about the same share of each
 * label. All models are evaluated on the same rows.
 */
final class CurveParts {
    private static final int SLICES = 20;
    /** The slices of the parts. */
    private static final int[] SIZES = {2, 5, 10};

    private final TrainingData data;
    private final Examples evaluated;
    private final String split;
    private final ExampleFile file;
    private final List<PartTraining.Part> parts = new ArrayList<>();

    /** @param evaluated the examples of the report; {@code file} has their rows */
    CurveParts(
            WorkOrder order, TrainingData data, ExampleFile train, Examples evaluated, String split, ExampleFile file) {
        this.data = data;
        this.evaluated = evaluated;
        this.split = split;
        this.file = file;
        Folds slices = Folds.of(
                order.spec().task(),
                train,
                data.train(),
                SLICES,
                order.spec().hyperparameters().seed(),
                "Omit 'data_curve'.");
        for (int size : SIZES) {
            parts.add(PartTraining.Part.of(
                    "part-" + percent(size),
                    percent(size) + " % of the rows",
                    data,
                    example -> slices.ofExample(example) < size,
                    evaluated,
                    split,
                    file));
        }
    }

    private static int percent(int size) {
        return 100 * size / SLICES;
    }

    List<PartTraining.Part> parts() {
        return parts;
    }

    /**
     * Returns the points of the curve, without that of all rows, and writes the predictions of the model of half of the rows into a file;
     * the predictor may be any one.
     */
    List<DataCurve.Point> points(PartTraining trained, Predictor predictor, Path half) throws IOException {
        List<DataCurve.Point> points = new ArrayList<>();
        for (int i = 0; i < SIZES.length; i++) {
            PartTraining.Part part = parts.get(i);
            points.add(new DataCurve.Point(
                    (double) SIZES[i] / SLICES, rows(part), trained.scores(part).metrics()));
        }
        PartScores scores = trained.scores(parts.get(SIZES.length - 1));
        data.task().evaluate(trained.evaluator(predictor, PredictionSink.of(half), scores::of), evaluated, split, file);
        return points;
    }

    /** Returns the number of training rows. */
    int rows() {
        return (int) IntStream.of(data.train().rows()).distinct().count();
    }

    private int rows(PartTraining.Part part) {
        int[] rows = data.train().rows();
        return (int) part.numbers(data).map(example -> rows[example]).distinct().count();
    }
}
