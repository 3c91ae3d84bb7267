package dev.anneal.training.task;

import java.util.Map;

/** The numbers of a model's labels, also under the names that a dataset gives them. */
final class LabelNumbers {
    private LabelNumbers() {}

    /** Adds other names for labels that have numbers. */
    static void addNames(Map<String, Integer> numbers, Map<String, String> labelMap) {
        Map<String, Integer> known = Map.copyOf(numbers);
        labelMap.forEach((name, label) -> {
            Integer number = known.get(label);
            if (number != null) { // the server has checked it
                numbers.put(name, number);
            }
        });
    }
}
