package dev.anneal.dataset.check;

import dev.anneal.dataset.duplicate.Duplicates;
import dev.anneal.dataset.problem.RowProblems;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/** Counts repetitions of each kind, and keeps those of the first rows. */
final class FirstRepetitions implements Duplicates.Found {
    /** A row that repeats another one. */
    record Repetition(int row, int other, double similarity) {}

    private static final class OfKind {
        private final PriorityQueue<Repetition> first =
                new PriorityQueue<>(Comparator.comparing(Repetition::row).reversed());
        private long count;
    }

    private final Map<Duplicates.Kind, OfKind> kinds = new EnumMap<>(Duplicates.Kind.class);
    private final SearchTime time;

    FirstRepetitions(SearchTime time) {
        this.time = time;
    }

    @Override
    public boolean isOver() {
        return time.isOver();
    }

    @Override
    public void add(Duplicates.Kind kind, int row, int other, double similarity) {
        OfKind found = kinds.computeIfAbsent(kind, key -> new OfKind());
        found.count++;
        if (found.first.size() < RowProblems.KEPT_WARNINGS) {
            found.first.add(new Repetition(row, other, similarity));
        } else if (row < found.first.element().row()) {
            found.first.remove();
            found.first.add(new Repetition(row, other, similarity));
        }
    }

    long count(Duplicates.Kind kind) {
        OfKind found = kinds.get(kind);
        return found == null ? 0 : found.count;
    }

    /** Returns the first rows of the kind, in order. */
    List<Repetition> first(Duplicates.Kind kind) {
        OfKind found = kinds.get(kind);
        return found == null
                ? List.of()
                : found.first.stream()
                        .sorted(Comparator.comparing(Repetition::row))
                        .toList();
    }
}
