package dev.anneal.dataset.statistics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Counts in how many rows of each label a term occurs, and finds the terms that tell most about a label: by their log odds with
 * an informative Dirichlet prior (Monroe, Colaresi and Quinn, 2008), as a z score. This favors neither rare terms, as odds alone
 * would, nor terms that are frequent everywhere.
 *
 * <p>At most {@value #MOST_TERMS} terms are in memory. If there are more, the rarest are forgotten.
 */
final class LabelTerms {
    /** The terms of a label on the wire, the most telling first. */
    record Label(String label, long rows, List<Term> terms) {}

    /** A term: the rows of the label and of all labels that contain it, and its z score. */
    record Term(String term, long rows, long allRows, double z) {}

    static final int MOST_TERMS = 50_000;
    private static final int MOST_LABELS = 100;
    private static final int SHOWN = 10;
    private static final int LEAST_ROWS = 3;
    /** The weight of the prior in terms: this share of all, but not more than so many. */
    private static final double PRIOR_SHARE = 0.1;

    private static final double MOST_PRIOR = 500;
    /** A term without a preference has a larger score in one of 1,000 cases. */
    private static final double LEAST_Z = 3.1;

    /** The number of rows of each label that have a term. */
    private static final class Counts {
        private int[] ofLabels = new int[2];
        private int total;

        void add(int label) {
            total++;
            if (label >= ofLabels.length) {
                ofLabels = Arrays.copyOf(ofLabels, Math.max(label + 1, Math.min(MOST_LABELS, 2 * ofLabels.length)));
            }
            ofLabels[label]++;
        }
    }

    private final Map<String, Integer> numbers = new LinkedHashMap<>();
    private final Map<String, Counts> terms = new HashMap<>();
    /** The number of rows of each label, and the sum of the terms of these. */
    private long[] rows = new long[16];

    private long[] sums = new long[16];
    private long sum;
    private int forgotten;

    /** Adds the terms of a row with a label, if it is one of the first 100. */
    void add(String label, Set<String> rowTerms) {
        if (numbers.size() == MOST_LABELS && !numbers.containsKey(label)) {
            return;
        }
        int number = numbers.computeIfAbsent(label, name -> numbers.size());
        if (number == rows.length) {
            rows = Arrays.copyOf(rows, 2 * number);
            sums = Arrays.copyOf(sums, 2 * number);
        }
        rows[number]++;
        sums[number] += rowTerms.size();
        sum += rowTerms.size();
        for (String term : rowTerms) {
            terms.computeIfAbsent(term, name -> new Counts()).add(number);
        }
        while (terms.size() > MOST_TERMS) {
            forgotten++;
            terms.values().removeIf(counts -> counts.total <= forgotten);
        }
    }

    int size() {
        return terms.size();
    }

    /** Returns the most telling terms of the labels with the most rows. */
    List<Label> top() {
        List<String> names = List.copyOf(numbers.keySet());
        List<List<Term>> found =
                names.stream().map(name -> (List<Term>) new ArrayList<Term>()).toList();
        terms.forEach((term, counts) -> {
            for (int label = 0; label < counts.ofLabels.length; label++) {
                int count = counts.ofLabels[label];
                double z = count < LEAST_ROWS ? 0 : z(count, counts.total, label);
                if (z >= LEAST_Z) {
                    found.get(label).add(new Term(term, count, counts.total, z));
                }
            }
        });
        return IntStream.range(0, names.size())
                .boxed()
                .sorted(Comparator.comparingLong((Integer label) -> -rows[label])
                        .thenComparing(names::get))
                .limit(MOST_LABELS)
                .map(label -> new Label(
                        names.get(label),
                        rows[label],
                        found.get(label).stream()
                                .sorted(Comparator.comparingDouble((Term term) -> -term.z())
                                        .thenComparing(Term::term))
                                .limit(SHOWN)
                                .toList()))
                .toList();
    }

    private double z(long here, long total, int label) {
        long elsewhere = total - here;
        double weight = Math.min(MOST_PRIOR, PRIOR_SHARE * sum);
        double prior = weight * total / sum;
        double odds = (here + prior) / (sums[label] + weight - here - prior);
        double otherOdds = (elsewhere + prior) / (sum - sums[label] + weight - elsewhere - prior);
        return Math.log(odds / otherOdds) / Math.sqrt(1 / (here + prior) + 1 / (elsewhere + prior));
    }
}
