package dev.anneal.evaluation.bias;

import dev.anneal.evaluation.interval.Bootstrap;
import dev.anneal.evaluation.interval.Interval;
import dev.anneal.evaluation.score.Largest;
import dev.anneal.text.Cut;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The frequency and the size of the moves of predictions if only the words of a group are exchanged for those of another one.
 *
 * @param texts the number of texts that contain a term
 * @param pairs the number of texts with exchanged terms
 * @param leftOut the number of pairs that were not computed, because there are too many
 */
public record Counterfactuals(long texts, int pairs, long leftOut, List<Exchange> exchanges, List<Example> largest) {
    private static final int LARGEST = 20;
    private static final int MOST_PAIRS = 1_000;
    private static final int BATCH = 64;
    private static final int LONGEST_SHOWN = 1_000;

    /** A text, and the second one of its row, if there is one, in which no term is exchanged. */
    public record Text(String text, @Nullable String pair) {}

    /** A model: the probability of each label, or one number, for each text. */
    public interface Scorer {
        List<float[]> scores(List<Text> texts);
    }

    /** A comparison of the scores of two texts. */
    public interface Reading {
        /** Returns whether the prediction is another one. */
        boolean changes(float[] before, float[] after);

        /** Returns the label whose score is compared, or -1 for the largest move of any label. */
        int compared();
    }

    /** Reads scores of labels of which a text has one. Of two labels the second one is compared. */
    public static Reading oneLabel(int labels) {
        return new Reading() {
            @Override
            public boolean changes(float[] before, float[] after) {
                return Largest.of(before) != Largest.of(after);
            }

            @Override
            public int compared() {
                return labels == 2 ? 1 : -1;
            }
        };
    }

    /** Reads scores of labels of which a text has any number. */
    public static Reading labelSets() {
        return new Reading() {
            @Override
            public boolean changes(float[] before, float[] after) {
                for (int label = 0; label < before.length; label++) {
                    if (before[label] > 0.5 != after[label] > 0.5) {
                        return true;
                    }
                }
                return false;
            }

            @Override
            public int compared() {
                return -1;
            }
        };
    }

    /** Reads numbers. */
    public static Reading numbers() {
        return new Reading() {
            @Override
            public boolean changes(float[] before, float[] after) {
                return false;
            }

            @Override
            public int compared() {
                return 0;
            }
        };
    }

    /** Returns the number of pairs that a text has. */
    public static long pairs(List<TermFinder> finders, String text) {
        return finders.stream()
                .mapToLong(finder -> (long) finder.groups(text).size()
                        * (finder.dimension().groups().size() - 1))
                .sum();
    }

    /**
     * The pairs of one exchange.
     *
     * @param changed the share of the pairs with another prediction
     * @param moved how far the score moves, in the mean, up or down
     * @param shift the mean move of the compared score, with its sign; null if there are several labels
     */
    public record Exchange(
            String dimension,
            String from,
            String to,
            int pairs,
            double changed,
            @Nullable Interval changedInterval,
            double moved,
            @Nullable Interval movedInterval,
            @Nullable Double shift,
            @Nullable Interval shiftInterval) {}

    /** A text whose prediction moves far. */
    public record Example(
            long row,
            String dimension,
            String from,
            String to,
            String text,
            String exchanged,
            List<Float> before,
            List<Float> after,
            double moved) {}

    private record Pair(long row, Text text, String exchanged, int dimension, int from, int to, float[] before) {}

    /** Collects the texts of rows and compares them, some at a time. */
    public static final class Collector {
        private final List<TermFinder> finders;
        private final Scorer scorer;
        private final Reading reading;
        private final List<Pair> waiting = new ArrayList<>();
        /** The moves of each exchange: whether the prediction changed, how far it moved, and the move with its sign. */
        private final Map<List<Integer>, List<double[]>> moves = new LinkedHashMap<>();

        private final PriorityQueue<Example> largest =
                new PriorityQueue<>(Comparator.comparingDouble(Example::moved).thenComparing(x -> -x.row()));
        private final long allPairs;
        private final long most;
        private long seenPairs;
        private long texts;
        private int pairs;

        /**
         * Creates a collector.
         *
         * @param allPairs the number of pairs that the rows have; see {@link #pairs}. If there are too many, evenly spread ones are used
         * @param rows the number of rows. There are at most as many pairs
         */
        public Collector(List<TermFinder> finders, Scorer scorer, Reading reading, long allPairs, int rows) {
            this.finders = finders;
            this.scorer = scorer;
            this.reading = reading;
            this.allPairs = allPairs;
            this.most = Math.min(allPairs, Math.min(MOST_PAIRS, rows));
        }

        /** Adds a row, its text, and the scores that the model gave it. */
        public void add(long row, Text text, float[] scores) {
            boolean hasTerm = false;
            for (int dimension = 0; dimension < finders.size(); dimension++) {
                TermFinder finder = finders.get(dimension);
                for (int from : finder.groups(text.text())) {
                    hasTerm = true;
                    for (int to = 0; to < finder.dimension().groups().size(); to++) {
                        if (to != from) {
                            exchange(row, text, dimension, from, to, scores);
                        }
                    }
                }
            }
            texts += hasTerm ? 1 : 0;
        }

        private void exchange(long row, Text text, int dimension, int from, int to, float[] scores) {
            long before = seenPairs++ * most / allPairs;
            if (seenPairs * most / allPairs == before) {
                return;
            }
            pairs++;
            String exchanged = finders.get(dimension).exchange(text.text(), from, to);
            waiting.add(new Pair(row, text, exchanged, dimension, from, to, scores));
            if (waiting.size() == BATCH) {
                compute();
            }
        }

        private void compute() {
            if (waiting.isEmpty()) {
                return;
            }
            List<float[]> after = scorer.scores(waiting.stream()
                    .map(pair -> new Text(pair.exchanged, pair.text.pair()))
                    .toList());
            for (int i = 0; i < waiting.size(); i++) {
                Pair pair = waiting.get(i);
                double moved = moved(pair.before, after.get(i));
                int compared = reading.compared();
                moves.computeIfAbsent(List.of(pair.dimension, pair.from, pair.to), key -> new ArrayList<>())
                        .add(new double[] {
                            reading.changes(pair.before, after.get(i)) ? 1 : 0,
                            moved,
                            compared < 0 ? 0 : (double) after.get(i)[compared] - pair.before[compared]
                        });
                remember(pair, after.get(i), moved);
            }
            waiting.clear();
        }

        private double moved(float[] before, float[] after) {
            int compared = reading.compared();
            double moved = 0;
            for (int label = 0; label < before.length; label++) {
                if (compared < 0 || compared == label) {
                    moved = Math.max(moved, Math.abs((double) after[label] - before[label]));
                }
            }
            return moved;
        }

        private void remember(Pair pair, float[] after, double moved) {
            TermLists.Dimension dimension = finders.get(pair.dimension).dimension();
            largest.add(new Example(
                    pair.row,
                    dimension.name(),
                    dimension.groups().get(pair.from),
                    dimension.groups().get(pair.to),
                    Cut.to(pair.text.text(), LONGEST_SHOWN),
                    Cut.to(pair.exchanged, LONGEST_SHOWN),
                    list(pair.before),
                    list(after),
                    moved));
            if (largest.size() > LARGEST) {
                largest.remove();
            }
        }

        private static List<Float> list(float[] scores) {
            List<Float> list = new ArrayList<>();
            for (float score : scores) {
                list.add(score);
            }
            return list;
        }

        /** Returns the figures of all rows; null if no text contains a term. */
        public @Nullable Counterfactuals end() {
            compute();
            if (texts == 0) {
                return null;
            }
            List<Exchange> exchanges = new ArrayList<>();
            moves.entrySet().stream()
                    .sorted(Comparator.comparing(e -> e.getKey().get(0) * 10_000L
                            + e.getKey().get(1) * 100L
                            + e.getKey().get(2)))
                    .forEach(entry -> exchanges.add(exchange(entry.getKey(), entry.getValue())));
            List<Example> examples = largest.stream()
                    .filter(example -> example.moved > 0)
                    .sorted(largest.comparator().reversed())
                    .toList();
            return new Counterfactuals(texts, pairs, allPairs - pairs, exchanges, examples);
        }

        private Exchange exchange(List<Integer> key, List<double[]> values) {
            TermLists.Dimension dimension = finders.get(key.get(0)).dimension();
            Bootstrap bootstrap = Bootstrap.of(values.size(), rows -> means(rows, values));
            boolean isCompared = reading.compared() >= 0;
            double[] means = means(IntStream.range(0, values.size()).toArray(), values);
            return new Exchange(
                    dimension.name(),
                    dimension.groups().get(key.get(1)),
                    dimension.groups().get(key.get(2)),
                    values.size(),
                    means[0],
                    bootstrap.interval(0),
                    means[1],
                    bootstrap.interval(1),
                    isCompared ? means[2] : null,
                    isCompared ? bootstrap.interval(2) : null);
        }

        private static double[] means(int[] rows, List<double[]> values) {
            double[] sums = new double[3];
            for (int row : rows) {
                for (int i = 0; i < sums.length; i++) {
                    sums[i] += values.get(row)[i];
                }
            }
            for (int i = 0; i < sums.length; i++) {
                sums[i] /= rows.length;
            }
            return sums;
        }
    }
}
