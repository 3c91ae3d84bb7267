package dev.anneal.transformer.architecture;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/** The order in which a model numbers its labels: numbers by value where all are numbers, else by code point. */
public final class LabelOrder {
    private LabelOrder() {}

    public static List<String> of(List<String> labels) {
        boolean numbers = labels.stream().allMatch(label -> label.matches("-?\\d{1,18}"));
        Comparator<String> order = numbers ? Comparator.comparingLong(Long::parseLong) : Comparator.naturalOrder();
        return labels.stream().sorted(order).toList();
    }

    /** Of tags: O, then each B-x followed by its I-x. An entity may begin wherever it can go on, so no I-x lacks its B-x. */
    public static List<String> ofTags(List<String> tags) {
        List<String> ordered = new ArrayList<>(List.of("O"));
        TreeSet<String> entities = new TreeSet<>();
        tags.stream().filter(tag -> tag.matches("[BI]-.*")).forEach(tag -> entities.add(tag.substring(2)));
        for (String entity : entities) {
            ordered.add("B-" + entity);
            if (tags.contains("I-" + entity)) {
                ordered.add("I-" + entity);
            }
        }
        tags.stream().filter(tag -> !ordered.contains(tag)).sorted().forEach(ordered::add);
        return ordered;
    }
}
