package dev.anneal.training.finding;

import dev.anneal.evaluation.noise.LabelNoise;
import dev.anneal.transformer.architecture.Task;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Finds the rows whose label is probably wrong by the scores of predictions. */
final class MislabelledRows {
    private MislabelledRows() {}

    /**
     * Returns the rows; null if rows do not have one label.
     *
     * @param dataset the id of the dataset of the rows, null if it is not known
     * @param scores whose scores the predictions have
     */
    static Findings.@Nullable LikelyMislabelled of(
            RowFile file, Task task, Labels labels, @Nullable String dataset, String split, String scores) {
        if (task != Task.TEXT_CLASSIFICATION) {
            return null;
        }
        LabelNoise noise = LabelNoise.of(
                labels.names().size(),
                visitor -> file.forEach((number, row, prediction) -> {
                    float[] values = labels.scores(prediction);
                    double[] probabilities = new double[values.length];
                    Arrays.setAll(probabilities, label -> values[label]);
                    visitor.accept(number, labels.of(row), probabilities);
                }));
        Map<Integer, Findings.Place> places = new LinkedHashMap<>();
        noise.suspects().forEach(suspect -> places.put(suspect.row(), new Findings.Place(0, null, null)));
        file.forEach((number, row, prediction) -> places.computeIfPresent(number, (key, none) -> RowFile.place(row)));
        return new Findings.LikelyMislabelled(
                dataset,
                split,
                scores,
                noise.rows(),
                noise.confident(),
                noise.suspects().stream()
                        .map(suspect -> labels.suspect(suspect, Objects.requireNonNull(places.get(suspect.row()))))
                        .toList());
    }
}
