package dev.anneal.training.finding;

import dev.anneal.evaluation.linear.TfIdf;
import dev.anneal.evaluation.noise.LabelNoise;
import dev.anneal.evaluation.rows.LabelRows;
import dev.anneal.evaluation.rows.LabelSetRows;
import dev.anneal.evaluation.rows.NumberRows;
import dev.anneal.evaluation.rows.RowMetrics;
import dev.anneal.evaluation.score.Largest;
import dev.anneal.files.DurableFiles;
import dev.anneal.files.SharedFiles;
import dev.anneal.json.Json;
import dev.anneal.text.Sha256;
import dev.anneal.transformer.architecture.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * The predictions of simple models, fitted on the training rows, for the rows of a report: the most frequent label or the mean, and
 * a linear model of words. Jobs of a machine with the same rows share the predictions.
 */
final class TextBaseline {
    private static final int VERSION = 4;
    private static final int FOLDS = 5;
    private static final int FEWEST_ROWS = 2 * FOLDS;
    /** The most probabilities that are kept of rows that were left out of a fit. */
    private static final int MOST_SCORES = 8_000_000;

    /** A simple prediction for each row: a label, several labels or a number. The other two are null. */
    record Predicted(int @Nullable [] labels, int @Nullable [][] sets, double @Nullable [] numbers) {}

    /**
     * The predictions.
     *
     * @param trained the number of training rows
     * @param used how many of them the linear model was fitted on
     * @param suspects the training rows whose label is probably wrong, null if that was not looked for
     */
    record Computed(
            long trained,
            int used,
            int features,
            boolean converged,
            Predicted simple,
            Predicted linear,
            Findings.@Nullable LikelyMislabelled suspects) {}

    private record Key(
            int version,
            String task,
            List<String> labels,
            Map<String, String> others,
            String train,
            String evaluated) {}

    private final Path directory;
    private final Task task;
    private final Labels labels;
    private final RowFile train;
    private final RowFile evaluated;
    private final Runnable check;

    TextBaseline(Path directory, Task task, Labels labels, Path train, Path evaluated, Runnable check) {
        this.directory = directory;
        this.task = task;
        this.labels = labels;
        this.train = new RowFile(train, null);
        this.evaluated = new RowFile(evaluated, null);
        this.check = check;
    }

    /** Returns the predictions: those that an earlier job computed, or new ones. */
    Computed get(@Nullable SharedFiles shared, @Nullable String dataset, SharedFiles.Listener listener)
            throws IOException {
        Path own = directory.resolve("baseline.json");
        SharedFiles.Make make = file -> Files.writeString(file, Json.write(compute(dataset)));
        SharedFiles.Open<Computed> open = file -> read(file, Computed.class);
        if (shared == null || dataset == null) {
            make.at(own);
            return open.file(own);
        }
        String key = Sha256.of(Json.write(new Key(
                VERSION,
                task.text(),
                labels.names(),
                labels.others(),
                DurableFiles.sha256(train.rows()),
                DurableFiles.sha256(evaluated.rows()))));
        return shared.get(dataset, "baseline-" + key, own, make, open, listener).open();
    }

    /** Reads a file that jobs share. Throws an {@link IOException} if it is damaged. */
    static <T> T read(Path file, Class<T> type) throws IOException {
        try {
            return Json.read(Files.readString(file), type);
        } catch (JacksonException damaged) {
            throw new IOException("The file '" + file.getFileName() + "' is damaged", damaged);
        }
    }

    /** @param dataset the id of the dataset of the training rows */
    Computed compute(@Nullable String dataset) throws IOException {
        int outputs = task == Task.TEXT_REGRESSION ? 1 : labels.names().size();
        TfIdf vectors = TfIdf.of(
                visitor -> train.forEach((number, row, none) -> visitor.accept(RowFile.text(row))),
                outputs,
                directory,
                check);
        return switch (task) {
            case TEXT_CLASSIFICATION -> labels(vectors, dataset);
            case MULTI_LABEL -> sets(vectors);
            default -> numbers(vectors);
        };
    }

    private Computed labels(TfIdf vectors, @Nullable String dataset) {
        int count = labels.names().size();
        int[] used = new int[vectors.rows()];
        Findings.Place[] places = new Findings.Place[used.length];
        String[] names = new String[used.length];
        long[] counts = new long[count];
        int[] next = {0};
        train.forEach((number, row, none) -> {
            int label = labels.of(row);
            counts[label]++;
            if (next[0] < used.length && vectors.text(next[0]) == number) {
                places[next[0]] = RowFile.place(row);
                names[next[0]] = Labels.nameIn(row);
                used[next[0]++] = label;
            }
        });
        int majority =
                IntStream.range(1, count).reduce(0, (best, label) -> counts[label] > counts[best] ? label : best);
        TfIdf.Fitted model = vectors.labels(used, count);
        IntStream.Builder predicted = IntStream.builder();
        evaluated.forEach((number, row, none) -> {
            check.run();
            predicted.add(Largest.of(model.scores(RowFile.text(row))));
        });
        int[] found = predicted.build().toArray();
        int[] simple = new int[found.length];
        Arrays.fill(simple, majority);
        return new Computed(
                Arrays.stream(counts).sum(),
                vectors.rows(),
                vectors.grams(),
                model.isConverged(),
                new Predicted(simple, null, null),
                new Predicted(found, null, null),
                suspects(vectors, used, places, names, dataset));
    }

    /** Returns the labels that a row has rather than not. */
    static int[] likely(double[] scores) {
        return IntStream.range(0, scores.length)
                .filter(label -> scores[label] > 0.5)
                .toArray();
    }

    private Findings.@Nullable LikelyMislabelled suspects(
            TfIdf vectors, int[] used, Findings.Place[] places, String[] names, @Nullable String dataset) {
        int count = labels.names().size();
        if (used.length < FEWEST_ROWS || (long) used.length * count > MOST_SCORES) {
            return null;
        }
        double[][] scores = vectors.outOfFold(used, count, FOLDS);
        LabelNoise noise = LabelNoise.of(count, visitor -> {
            for (int row = 0; row < used.length; row++) {
                visitor.accept(row, used[row], scores[row]);
            }
        });
        return new Findings.LikelyMislabelled(
                dataset,
                "train",
                "tf_idf",
                noise.rows(),
                noise.confident(),
                noise.suspects().stream()
                        .map(suspect -> labels.suspect(suspect, places[suspect.row()], names[suspect.row()]))
                        .toList());
    }

    private Computed sets(TfIdf vectors) {
        int count = labels.names().size();
        BitSet[] used = new BitSet[count];
        Arrays.setAll(used, label -> new BitSet());
        long[] counts = new long[count + 1]; // the rows last
        int[] next = {0};
        train.forEach((number, row, none) -> {
            counts[count]++;
            boolean isUsed = next[0] < vectors.rows() && vectors.text(next[0]) == number;
            for (int label : labels.setOf(row)) {
                counts[label]++;
                if (isUsed) {
                    used[label].set(next[0]);
                }
            }
            next[0] += isUsed ? 1 : 0;
        });
        int[] frequent = IntStream.range(0, count)
                .filter(label -> 2 * counts[label] > counts[count])
                .toArray();
        TfIdf.Fitted model = vectors.labelSets(used);
        List<int[]> predicted = new ArrayList<>();
        SharedSets shared = new SharedSets();
        evaluated.forEach((number, row, none) -> {
            check.run();
            double[] scores = model.scores(RowFile.text(row));
            predicted.add(shared.of(likely(scores)));
        });
        int[][] simple = new int[predicted.size()][];
        Arrays.fill(simple, frequent);
        return new Computed(
                counts[count],
                vectors.rows(),
                vectors.grams(),
                model.isConverged(),
                new Predicted(null, simple, null),
                new Predicted(null, predicted.toArray(int[][]::new), null),
                null);
    }

    private Computed numbers(TfIdf vectors) {
        double[] used = new double[vectors.rows()];
        double[] mean = {0, 0}; // and the number of rows
        int[] next = {0};
        train.forEach((number, row, none) -> {
            double score = row.path("score").asDouble();
            mean[0] += (score - mean[0]) / ++mean[1];
            if (next[0] < used.length && vectors.text(next[0]) == number) {
                used[next[0]++] = score;
            }
        });
        TfIdf.Fitted model = vectors.numbers(used);
        DoubleStream.Builder predicted = DoubleStream.builder();
        evaluated.forEach((number, row, none) -> {
            check.run();
            predicted.add(model.scores(RowFile.text(row))[0]);
        });
        double[] found = predicted.build().toArray();
        double[] simple = new double[found.length];
        Arrays.fill(simple, mean[0]);
        return new Computed(
                (long) mean[1],
                vectors.rows(),
                vectors.grams(),
                model.isConverged(),
                new Predicted(null, null, simple),
                new Predicted(null, null, found),
                null);
    }

    /** Returns predictions as rows with the expected values of a model's. */
    static RowMetrics metrics(RowMetrics model, Predicted predicted) {
        if (model instanceof LabelRows rows && predicted.labels() != null) {
            return new LabelRows(rows.labels(), rows.expected(), predicted.labels());
        }
        if (model instanceof LabelSetRows rows && predicted.sets() != null) {
            return new LabelSetRows(rows.expected(), predicted.sets());
        }
        if (model instanceof NumberRows rows && predicted.numbers() != null) {
            return new NumberRows(rows.expected(), predicted.numbers());
        }
        throw new IllegalArgumentException("the predictions are those of another task");
    }
}
