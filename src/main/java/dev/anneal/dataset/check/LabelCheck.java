package dev.anneal.dataset.check;

import dev.anneal.dataset.duplicate.Folding;
import dev.anneal.dataset.problem.RowProblems;
import dev.anneal.web.Problem;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

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
        private int[] rows = new int[4];
        private int kept;
        private long count;

        Label(String name) {
            this.name = name;
        }

        void add(int row) {
            if (kept == rows.length) {
                rows = Arrays.copyOf(rows, kept * 2);
            }
            rows[kept++] = row;
        }
    }

    private final Map<String, Label> labels = new LinkedHashMap<>();
    private int lines;

    void add(String name, int row) {
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
            label.add(row);
            lines++;
        }
    }

    /** Returns the rows of each label, with those that are left out. */
    Map<String, Long> counts() {
        Map<String, Long> counts = new HashMap<>();
        labels.forEach((name, label) -> counts.put(name, label.count));
        return counts;
    }

    /**
     * Reports what is found.
     *
     * @param column the column of the labels
     * @param exclusive whether a row has one label
     * @param complete whether no rows are missing, so that the labels can be counted
     * @param counts the rows of each label that are not left out, if no rows are missing
     */
    void report(
            String column,
            boolean exclusive,
            boolean complete,
            Map<String, Long> counts,
            Places places,
            RowProblems problems)
            throws IOException {
        if (complete) {
            labels.keySet().retainAll(counts.keySet());
            labels.forEach((name, label) -> label.count = counts.getOrDefault(name, 0L));
        }
        if (exclusive) {
            reportList(column, places, problems);
        }
        Map<String, List<Label>> spellings = new LinkedHashMap<>();
        for (Label label : labels.values()) {
            spellings
                    .computeIfAbsent(Folding.fold(label.name), key -> new ArrayList<>())
                    .add(label);
        }
        List<Label> usual = new ArrayList<>();
        for (List<Label> same : spellings.values()) {
            usual.add(reportSpelling(same, column, places, problems));
        }
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
            reportImbalance(usual, column, problems);
        }
    }

    /** Reports the first label that seems to be several. A comma may be part of a name, unless all parts are labels elsewhere. */
    private void reportList(String column, Places places, RowProblems problems) throws IOException {
        Map<String, Integer> parts = new HashMap<>();
        labels.keySet()
                .forEach(name -> Set.copyOf(parts(name, ",")).forEach(part -> parts.merge(part, 1, Integer::sum)));
        for (Label label : labels.values()) {
            for (String separator : List.of(";", "|", ",")) {
                List<String> several = parts(label.name, separator);
                boolean isList = several.size() > 1
                        && !label.name.startsWith("[") // a JSON list, which is found as the row is read
                        && several.stream().noneMatch(String::isEmpty)
                        && (!separator.equals(",")
                                || several.stream().allMatch(part -> parts.getOrDefault(part, 0) > 1));
                if (isList
                        && places.warn(problems, label.rows[0], column, "label_is_list", list(label.name, separator))) {
                    return;
                }
            }
        }
    }

    private static List<String> parts(String label, String separator) {
        return Arrays.stream(label.split(Pattern.quote(separator), -1))
                .map(String::strip)
                .toList();
    }

    private static String list(String label, String separator) {
        return "The label looks like a list: '%s'. If rows have several labels, give the column the role 'labels', and set 'label_separator' to '%s'. This warning is about the first such label."
                .formatted(Problem.quote(label), separator);
    }

    /** Reports all spellings but the most frequent one, and returns that. */
    private static Label reportSpelling(List<Label> same, String column, Places places, RowProblems problems)
            throws IOException {
        Label usual = same.stream()
                .max(Comparator.comparingLong(label -> label.count))
                .orElseThrow();
        for (Label label : same) {
            if (label != usual) {
                String message =
                        "The label '%s' differs from '%s' only in case, spaces, width or Unicode form. Write both the same way."
                                .formatted(Problem.quote(label.name), Problem.quote(usual.name));
                long warned = 0;
                for (int i = 0; i < label.kept; i++) {
                    warned += places.warn(problems, label.rows[i], column, "label_spelling", message) ? 1 : 0;
                }
                problems.countWarnings("label_spelling", label.count - warned);
            }
        }
        return usual;
    }

    private static void reportImbalance(List<Label> usual, String column, RowProblems problems) {
        Comparator<Label> byCount = Comparator.comparingLong(label -> label.count);
        Label most = usual.stream().max(byCount).orElseThrow();
        Label least = usual.stream().min(byCount).orElseThrow();
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
