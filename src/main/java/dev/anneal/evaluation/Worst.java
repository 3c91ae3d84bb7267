package dev.anneal.evaluation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.IntToDoubleFunction;

/** The examples with the worst mistakes, of which a report shows some. */
final class Worst {
    /** The most mistakes that a report shows. */
    static final int MISTAKES = 20;

    private record Mistake(int example, double badness) {}

    private Worst() {}

    /**
     * Returns the numbers of the examples with the greatest badness, the worst first and of equal ones the first; {@code badness}
     * is not above 0 for an example without a mistake.
     */
    static List<Integer> of(int examples, IntToDoubleFunction badness) {
        Comparator<Mistake> worstFirst = Comparator.comparingDouble((Mistake mistake) -> -mistake.badness)
                .thenComparingInt(Mistake::example);
        PriorityQueue<Mistake> kept = new PriorityQueue<>(worstFirst.reversed());
        for (int i = 0; i < examples; i++) {
            double bad = badness.applyAsDouble(i);
            if (bad > 0) {
                kept.add(new Mistake(i, bad));
                if (kept.size() > MISTAKES) {
                    kept.remove();
                }
            }
        }
        List<Mistake> sorted = new ArrayList<>(kept);
        sorted.sort(worstFirst);
        return sorted.stream().map(Mistake::example).toList();
    }
}
