package dev.anneal.job;

import java.util.Comparator;
import java.util.List;

/** The order in which a model numbers its labels: numbers by value where all are numbers, else by code point. */
final class LabelOrder {
    private LabelOrder() {}

    static List<String> of(List<String> labels) {
        boolean numbers = labels.stream().allMatch(label -> label.matches("-?\\d{1,18}"));
        Comparator<String> order = numbers ? Comparator.comparingLong(Long::parseLong) : Comparator.naturalOrder();
        return labels.stream().sorted(order).toList();
    }
}
