package dev.anneal.training.finding;

import dev.anneal.evaluation.rows.LabelRows;
import dev.anneal.evaluation.rows.LabelSetRows;
import dev.anneal.evaluation.rows.NumberRows;
import dev.anneal.evaluation.rows.RowMetrics;
import dev.anneal.files.SharedFiles;
import dev.anneal.spec.JobSpec;
import dev.anneal.training.process.WorkFiles;
import dev.anneal.transformer.architecture.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The simple models beside the model of a report.
 *
 * @param base the base model of a job; null for an evaluation, whose model may have none
 * @param shared where jobs of this machine keep what they compute once, or null
 */
record Baselines(
        Path workDirectory,
        JobSpec spec,
        FrozenBaseline.@Nullable Base base,
        @Nullable SharedFiles shared,
        SharedFiles.Listener listener,
        Runnable check) {
    /**
     * The baselines, and the predictions of those of words, which may be null.
     *
     * @param words the predictions of the baselines that need no base model
     */
    record Found(List<Baseline> all, TextBaseline.@Nullable Computed words) {}

    /** Returns none if there are no training rows besides those of the report: fitted on these, they would look better than they are. */
    Found of(Labels labels, Path evaluated, RowMetrics metrics, List<String> leftOut) {
        Path train = workDirectory.resolve(WorkFiles.TRAIN);
        if (!Files.exists(train) || train.equals(evaluated)) {
            return new Found(List.of(), null);
        }
        if (spec.evaluation() != null && spec.task().hasLabels() && !knowsAll(labels, train)) {
            leftOut.add("There are no baselines, because training rows have labels that the model does not have.");
            return new Found(List.of(), null);
        }
        Found words = OptionalPart.orNull(
                "The baselines that need no base model are missing",
                () -> {
                    TextBaseline.Computed computed = new TextBaseline(
                                    workDirectory, spec.task(), labels, train, evaluated, check)
                            .get(shared, spec.dataset(), listener);
                    return new Found(ofWords(computed, metrics), computed);
                },
                leftOut::add);
        FrozenBaseline.Base model = base;
        Baseline frozen = model == null
                ? null
                : OptionalPart.orNull(
                        "The base model with a trained head is not among the baselines",
                        () -> ofBase(model, labels, train, evaluated, metrics, leftOut),
                        leftOut::add);
        List<Baseline> all = new ArrayList<>(words == null ? List.of() : words.all());
        if (frozen != null) {
            all.add(frozen);
        }
        return new Found(all, words == null ? null : words.words());
    }

    private static boolean knowsAll(Labels labels, Path train) {
        boolean[] all = {true};
        new RowFile(train, null).forEach((number, row, none) -> all[0] &= labels.hasAll(row));
        return all[0];
    }

    private List<Baseline> ofWords(TextBaseline.Computed computed, RowMetrics metrics) {
        boolean isNumber = spec.task() == Task.TEXT_REGRESSION;
        return List.of(
                Baseline.of(
                        isNumber ? "mean" : "majority",
                        computed.trained(),
                        null,
                        null,
                        metrics,
                        TextBaseline.metrics(metrics, computed.simple())),
                Baseline.of(
                        "tf_idf",
                        computed.used(),
                        computed.features(),
                        computed.converged(),
                        metrics,
                        TextBaseline.metrics(metrics, computed.linear())));
    }

    private @Nullable Baseline ofBase(
            FrozenBaseline.Base model,
            Labels labels,
            Path train,
            Path evaluated,
            RowMetrics metrics,
            List<String> leftOut)
            throws IOException {
        FrozenBaseline.Computed computed = new FrozenBaseline(
                        workDirectory, spec.task(), labels, model, train, evaluated, check)
                .get(shared, spec.dataset(), listener, leftOut);
        return computed == null ? null : ofBase(computed, metrics);
    }

    private static Baseline ofBase(FrozenBaseline.Computed computed, RowMetrics metrics) {
        int[] rows = IntStream.range(0, metrics.rows())
                .filter(row -> row % computed.step() == 0)
                .toArray();
        RowMetrics model = of(metrics, rows);
        return Baseline.of(
                "frozen_base",
                computed.used(),
                null,
                computed.converged(),
                model,
                TextBaseline.metrics(model, computed.predicted()));
    }

    /** Returns the metrics of some of the rows. */
    private static RowMetrics of(RowMetrics metrics, int[] rows) {
        if (metrics instanceof LabelRows all) {
            return new LabelRows(all.labels(), some(all.expected(), rows), some(all.predicted(), rows));
        }
        if (metrics instanceof LabelSetRows all) {
            return new LabelSetRows(
                    Arrays.stream(rows).mapToObj(row -> all.expected()[row]).toArray(int[][]::new),
                    Arrays.stream(rows).mapToObj(row -> all.predicted()[row]).toArray(int[][]::new));
        }
        if (metrics instanceof NumberRows all) {
            return new NumberRows(
                    Arrays.stream(rows).mapToDouble(row -> all.expected()[row]).toArray(),
                    Arrays.stream(rows).mapToDouble(row -> all.predicted()[row]).toArray());
        }
        throw new IllegalArgumentException("the metrics are not those of texts");
    }

    private static int[] some(int[] values, int[] rows) {
        return Arrays.stream(rows).map(row -> values[row]).toArray();
    }
}
