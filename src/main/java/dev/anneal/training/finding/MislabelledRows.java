package dev.anneal.training.finding;

import dev.anneal.evaluation.noise.LabelNoise;
import dev.anneal.transformer.architecture.Task;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds the rows whose label is probably wrong by the scores of predictions. */
final class MislabelledRows {
    /** The place of a row, and the name of its label in the dataset. */
    private record Found(Findings.Place place, String label) {}

    private MislabelledRows() {}

    /**
     * Returns the rows; null if rows do not have one label.
     *
     * @param dataset the id of the dataset of the rows, null if it is not known
     * @param scores whose scores the predictions have
     * @param check is run for each row
     */
    static Findings.@Nullable LikelyMislabelled of(
            RowFile file,
            Task task,
            Labels labels,
            @Nullable String dataset,
            String split,
            String scores,
            Runnable check) {
        if (task != Task.TEXT_CLASSIFICATION) {
            return null;
        }
        LabelNoise noise = LabelNoise.of(
                labels.names().size(),
                visitor -> file.forEach((number, row, prediction) -> {
                    check.run();
                    float[] values = labels.scores(prediction);
                    double[] probabilities = new double[values.length];
                    Arrays.setAll(probabilities, label -> values[label]);
                    visitor.accept(number, labels.of(row), probabilities);
                }));
        Map<Integer, Optional<Found>> found = new HashMap<>();
        noise.suspects().forEach(suspect -> found.put(suspect.row(), Optional.empty()));
        file.forEach((number, row, prediction) -> found.computeIfPresent(
                number, (key, none) -> Optional.of(new Found(RowFile.place(row), Labels.nameIn(row)))));
        return new Findings.LikelyMislabelled(
                dataset,
                split,
                scores,
                noise.rows(),
                noise.confident(),
                noise.suspects().stream()
                        .map(suspect -> {
                            Found row = Objects.requireNonNull(found.get(suspect.row()))
                                    .orElseThrow();
                            return labels.suspect(suspect, row.place, row.label);
                        })
                        .toList());
    }
}
