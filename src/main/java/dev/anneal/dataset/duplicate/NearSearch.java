package dev.anneal.dataset.duplicate;

import dev.anneal.dataset.duplicate.Duplicates.Found;
import dev.anneal.dataset.duplicate.Duplicates.Kind;
import dev.anneal.dataset.spool.SortedLongs;
import java.io.IOException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Finds rows with almost the text of others among those that agree in a band. Of a side's rows with the same text, only the first
 * is compared. Each leaking row is found; each other row that is not found is similar to none that is not found either. Counts its
 * work, and stops when that is too much for the length of the texts, or
 * when its time is over.
 */
final class NearSearch implements SortedLongs.Visitor {
    /** The work that is counted for each shingle that is loaded. */
    private static final int LOADING = 4;
    /** A quarter of the rows of a band is read to tell which shingles are common, but so many rows at least and at most. */
    private static final int LEAST_SAMPLE = 16;

    private static final int MOST_SAMPLE = 256;
    /** The most shingles of these rows. */
    private static final int SAMPLED_SHINGLES = 200_000;

    /** One of the two searches. */
    private final class Search {
        private long work;
        private boolean stopped;

        /** Counts the work since the last call. Returns whether more is too much. */
        boolean stops() {
            work += loading + sets.takeWork();
            loading = 0;
            stopped |= work > most || found.isOver();
            return stopped;
        }
    }

    private final RowTable table;
    private final Sides sides;
    private final BitSet repeated;
    private final BitSet leakedExactly;
    private final Found found;
    private final Set<Kind> kinds;
    private final long most;
    private final BitSet leaked = new BitSet();
    private final BitSet similar = new BitSet();
    private final SimilarSets sets;
    private final Search leakage = new Search();
    private final Search duplicates = new Search();
    private long loading;
    private long band = -1;
    private int[] rows = new int[16];
    private int count;

    /**
     * Creates a search.
     *
     * @param most the work that each of the two searches may do
     * @param repeated the rows that repeat an earlier one of their side
     * @param leakedExactly the rows for evaluation that repeat one for training
     */
    NearSearch(
            RowTable table,
            double similarity,
            Sides sides,
            Set<Kind> kinds,
            long most,
            BitSet repeated,
            BitSet leakedExactly,
            Found found) {
        this.table = table;
        this.sides = sides;
        this.kinds = kinds;
        this.most = most;
        this.repeated = repeated;
        this.leakedExactly = leakedExactly;
        this.found = found;
        this.sets = new SimilarSets(similarity);
    }

    /** Returns the rows for evaluation that almost repeat one for training. */
    BitSet leaked() {
        return leaked;
    }

    /** Returns whether no search was stopped. */
    boolean isComplete() {
        return !leakage.stopped && !duplicates.stopped;
    }

    @Override
    public void visit(long value) throws IOException {
        if (value >>> Duplicates.NUMBER_BITS != band) {
            end();
            band = value >>> Duplicates.NUMBER_BITS;
        }
        int row = (int) value & Integer.MAX_VALUE;
        if (!repeated.get(row) && !sides.isLeftOut(row)) {
            if (count == rows.length) {
                rows = Arrays.copyOf(rows, count * 2);
            }
            rows[count++] = row;
        }
    }

    /** Compares the rows of the last band. */
    void end() throws IOException {
        if (count > 1) {
            if (kinds.contains(Kind.NEAR_LEAKAGE)) {
                findLeakage();
            }
            if (kinds.contains(Kind.NEAR_DUPLICATE)) {
                findDuplicates(select(row -> !sides.isEvaluation(row) && !similar.get(row)));
                findDuplicates(select(row -> sides.isEvaluation(row) && !similar.get(row)));
            }
        }
        count = 0;
    }

    private int[] select(IntPredicate wanted) {
        return IntStream.of(rows).limit(count).filter(wanted).toArray();
    }

    private void findLeakage() throws IOException {
        int[] evaluation = select(row -> sides.isEvaluation(row) && !leakedExactly.get(row) && !leaked.get(row));
        int[] training = evaluation.length == 0 ? evaluation : select(row -> !sides.isEvaluation(row));
        while (evaluation.length > 0 && training.length > 0) {
            if (leakage.stops()) {
                return;
            }
            start(training);
            int added = 0;
            while (added < training.length) {
                if (leakage.stops()) {
                    return;
                }
                int[] set = load(training[added]);
                if (!sets.fits(set)) {
                    break;
                }
                sets.add(training[added++], set);
            }
            for (int row : evaluation) {
                if (leakage.stops()) {
                    return;
                }
                int[] set = load(row);
                int other = sets.find(set);
                if (other != SimilarSets.NONE) {
                    double similarity = Shingles.jaccard(set, load(other));
                    leaked.set(row);
                    table.setNear(row, other, similarity);
                    found.add(Kind.NEAR_LEAKAGE, row, other, similarity);
                }
            }
            evaluation =
                    IntStream.of(evaluation).filter(row -> !leaked.get(row)).toArray();
            training = Arrays.copyOfRange(training, added, training.length);
        }
    }

    /** Compares each row with those before it that are not similar to one before them. */
    private void findDuplicates(int[] candidates) throws IOException {
        int[] left = candidates;
        while (left.length > 1) {
            if (duplicates.stops()) {
                return;
            }
            start(left);
            int later = 0;
            for (int row : left) {
                if (duplicates.stops()) {
                    return;
                }
                int[] set = load(row);
                int other = sets.find(set);
                if (other != SimilarSets.NONE) {
                    similar.set(row);
                    found.add(Kind.NEAR_DUPLICATE, row, other, Shingles.jaccard(set, load(other)));
                } else if (sets.fits(set)) {
                    sets.add(row, set);
                } else {
                    left[later++] = row; // has been compared with all sets so far
                }
            }
            left = Arrays.copyOf(left, later);
        }
    }

    private void start(int[] some) throws IOException {
        sets.clear();
        if (some.length > SimilarSets.FEW) {
            int wanted = Math.max(LEAST_SAMPLE, Math.min(MOST_SAMPLE, some.length / 4));
            int sampled = 0;
            for (int i = 0; i < wanted && sampled < SAMPLED_SHINGLES; i++) {
                int[] set = load(some[(int) ((long) i * some.length / wanted)]);
                sets.sample(set);
                sampled += set.length;
            }
        }
    }

    private int[] load(int row) throws IOException {
        int[] set = Shingles.set(table.text(table.get(row)));
        loading += (long) LOADING * set.length;
        return set;
    }
}
