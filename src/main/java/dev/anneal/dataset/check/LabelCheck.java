package dev.anneal.dataset.check;

import dev.anneal.dataset.file.RowProblems;
import dev.anneal.web.Problem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Looks for labels that are written in several ways, for rare labels, and for imbalance. */
final class LabelCheck {
    /** A label with fewer rows is reported. */
    static final int FEW = 10;
    /** If the most frequent label has this many times the rows of the rarest one, the imbalance is reported. */
    static final int IMBALANCE = 20;

    /** Files with more labels are refused, so more are not looked at. */
    private static final int MAX_LABELS = 10_000;
    /** The most lines that are remembered, of all labels together. */
    private static final int MAX_LINES = 200_000;

    private static final class Label {
        private final String name;
        private long[] places = new long[4];
        private int kept;
        private long count;

        Label(String name) {
            this.name = name;
        }

        void add(long place) {
            if (kept == places.length) {
                places = Arrays.copyOf(places, kept * 2);
            }
            places[kept++] = place;
        }
    }

    private final Map<String, Label> labels = new LinkedHashMap<>();
    private int lines;

    void add(String name, long place) {
        Label label = labels.get(name);
        if (label == null) {
            if (labels.size() >= MAX_LABELS) {
                return;
            }
            label = new Label(name);
            labels.put(name, label);
        }
        label.count++;
        if (label.kept < RowProblems.KEPT_WARNINGS && (label.kept == 0 || lines < MAX_LINES)) {
            label.add(place);
            lines++;
        }
    }

    /**
     * Reports what is found.
     *
     * @param column the column of the labels
     * @param exclusive whether a row has one label
     * @param complete whether no rows are missing, so that the labels can be counted
     */
    void report(String column, boolean exclusive, boolean complete, Places places, RowProblems problems) {
        Map<String, List<Label>> spellings = new LinkedHashMap<>();
        for (Label label : labels.values()) {
            spellings
                    .computeIfAbsent(Folding.fold(label.name), key -> new ArrayList<>())
                    .add(label);
        }
        spellings.values().stream()
                .filter(same -> same.size() > 1)
                .forEach(same -> reportSpelling(same, column, places, problems));
        if (!complete) {
            return;
        }
        for (Label label : labels.values()) {
            if (label.count > 1 && label.count < FEW) {
                problems.warn(
                        null,
                        column,
                        "rare_label",
                        "The label '%s' has only %d rows. Add rows with it, merge it with another label, or remove it."
                                .formatted(Problem.quote(label.name), label.count));
            }
        }
        if (exclusive && labels.size() > 1) {
            reportImbalance(column, problems);
        }
    }

    private static void reportSpelling(List<Label> same, String column, Places places, RowProblems problems) {
        Label usual = same.stream()
                .max(Comparator.comparingLong(label -> label.count))
                .orElseThrow();
        for (Label label : same) {
            if (label != usual) {
                String message =
                        "The label '%s' differs from '%s' only in case, spaces, width or Unicode form. Write both the same way."
                                .formatted(Problem.quote(label.name), Problem.quote(usual.name));
                for (int i = 0; i < label.kept; i++) {
                    places.warn(problems, label.places[i], column, "label_spelling", message);
                }
                problems.countWarnings("label_spelling", label.count - label.kept);
            }
        }
    }

    private void reportImbalance(String column, RowProblems problems) {
        Comparator<Label> byCount = Comparator.comparingLong(label -> label.count);
        Label most = labels.values().stream().max(byCount).orElseThrow();
        Label least = labels.values().stream().min(byCount).orElseThrow();
        if (most.count >= IMBALANCE * least.count) {
            problems.warn(
                    null,
                    column,
                    "imbalance",
                    "The label '%s' has %,d rows, which is %,d times as many as '%s' has. Add rows of rare labels, or set 'class_weights' to balanced."
                            .formatted(
                                    Problem.quote(most.name),
                                    most.count,
                                    most.count / least.count,
                                    Problem.quote(least.name)));
        }
    }
}
