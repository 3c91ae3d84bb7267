package dev.anneal.training.finding;

import dev.anneal.evaluation.noise.LabelNoise;
import dev.anneal.training.process.TrainingException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The labels of a job and their numbers. */
final class Labels {
    private final List<String> names;
    private final Map<String, String> others;
    private final Map<String, Integer> numbers = new HashMap<>();
    private final List<@Nullable String> namesOfRows = new ArrayList<>();

    /**
     * Creates the labels.
     *
     * @param others the names of labels that a dataset calls otherwise, by its names
     */
    Labels(List<String> names, Map<String, String> others) {
        this.names = names;
        this.others = others;
        names.forEach(name -> numbers.put(name, numbers.size()));
        Map<String, Integer> known = Map.copyOf(numbers);
        others.forEach((other, name) -> {
            Integer number = known.get(name);
            if (number != null) {
                numbers.put(other, number);
            }
        });
        names.forEach(name -> namesOfRows.add(nameOfRows(name)));
    }

    /** Returns the name that the dataset has for a label; null if it has several, or another label of this name. */
    private @Nullable String nameOfRows(String name) {
        List<String> all = others.entrySet().stream()
                .filter(other -> other.getValue().equals(name))
                .map(Map.Entry::getKey)
                .toList();
        boolean isOther = !name.equals(others.getOrDefault(name, name));
        return all.isEmpty() ? isOther ? null : name : all.size() == 1 ? all.get(0) : null;
    }

    List<String> names() {
        return names;
    }

    /** Returns the names of labels that the dataset calls otherwise, by its names. */
    Map<String, String> others() {
        return others;
    }

    /** Returns whether all labels of a row are known. */
    boolean hasAll(JsonNode row) {
        return row.has("label")
                ? numbers.containsKey(row.path("label").asString(""))
                : row.path("labels").valueStream().allMatch(label -> numbers.containsKey(label.asString("")));
    }

    /** Returns the label of a row. */
    int of(JsonNode row) {
        return number(row.path("label"));
    }

    /** Returns the label of a row by the name that it has in the dataset. */
    static String nameIn(JsonNode row) {
        return row.path("label").asString("").intern(); // because many rows have the same
    }

    /** Returns the labels of a row, sorted. */
    int[] setOf(JsonNode row) {
        return row.path("labels")
                .valueStream()
                .mapToInt(this::number)
                .sorted()
                .distinct()
                .toArray();
    }

    private int number(JsonNode label) {
        Integer number = numbers.get(label.asString(""));
        if (number == null) {
            throw new TrainingException("The label '" + label.asString("") + "' is not one of the job's labels.");
        }
        return number;
    }

    /** Returns the scores of a prediction in the order of the labels, or its number. */
    float[] scores(JsonNode prediction) {
        JsonNode scores = prediction.path("scores");
        if (!scores.isObject()) {
            JsonNode number = prediction.has("predicted_score")
                    ? prediction.get("predicted_score")
                    : prediction.path("predicted");
            return new float[] {number.floatValue()};
        }
        float[] values = new float[names.size()];
        for (int label = 0; label < values.length; label++) {
            values[label] = scores.path(names.get(label)).floatValue();
        }
        return values;
    }

    /**
     * Returns a row with names of labels that the dataset has, so that it can be relabelled.
     *
     * @param label the name of its label
     */
    Findings.Suspect suspect(LabelNoise.Suspect suspect, Findings.Place place, String label) {
        return new Findings.Suspect(
                place.row(),
                place.line(),
                place.file(),
                label,
                namesOfRows.get(suspect.suggested()),
                suspect.margin(),
                suspect.selfConfidence(),
                suspect.isConfident());
    }
}
