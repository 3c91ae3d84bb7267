package dev.anneal.job.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/** The order in which a model numbers its labels: by value if all are numbers, else by code point. */
final class LabelOrder {
    private LabelOrder() {}

    static List<String> of(List<String> labels) {
        boolean numbers = labels.stream().allMatch(label -> label.matches("-?\\d{1,18}"));
        Comparator<String> order = numbers ? Comparator.comparingLong(Long::parseLong) : Comparator.naturalOrder();
        return labels.stream().sorted(order).toList();
    }

    /**
     * Returns the order of tags: O, then each B-x followed by its I-x. A B-x is added if only its I-x is there, so that the
     * model can predict where an entity begins.
     */
    static List<String> ofTags(List<String> tags) {
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
