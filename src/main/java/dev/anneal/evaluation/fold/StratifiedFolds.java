package dev.anneal.evaluation.fold;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Divides rows into folds, so that each fold has about as many rows of each stratum as the others. Rows of the same unit are in the
 * same fold. If no two rows are of the same unit, the folds differ by at most one row of each stratum and by at most one row in total.
 */
public final class StratifiedFolds {
    private static final int NUMBER_BITS = 31;

    private final int[] strata;
    private final int folds;
    private final int[] fold;
    private final int[] ofStratum;
    private final int[] total;

    private StratifiedFolds(int[] strata, int folds) {
        this.strata = strata;
        this.folds = folds;
        this.fold = new int[strata.length];
        this.ofStratum = new int[folds * (1 + Arrays.stream(strata).max().orElse(0))];
        this.total = new int[folds];
    }

    /**
     * Returns the fold of each row, counted from 0.
     *
     * @param strata the stratum of each row, such as the number of its label
     * @param units a hash of the unit of each row, such as its group; a few units with similar hashes are taken for one
     */
    public static int[] of(int[] strata, long[] units, int folds, long seed) {
        StratifiedFolds drawing = new StratifiedFolds(strata, folds);
        drawing.deal(shuffled(units, seed));
        return drawing.fold;
    }

    /** Returns the rows in random order, as the lower bits of numbers whose other bits are those of their unit. */
    private static long[] shuffled(long[] units, long seed) {
        long[] rows = new long[units.length];
        long salt = mixed(seed);
        for (int row = 0; row < rows.length; row++) {
            rows[row] = mixed(units[row] ^ salt) << NUMBER_BITS | row;
        }
        Arrays.sort(rows);
        return rows;
    }

    /** Mixes the bits of a number, as SplittableRandom does. */
    private static long mixed(long number) {
        long mixed = (number ^ number >>> 30) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
        return mixed ^ mixed >>> 31;
    }

    /** The rows of a unit, from one place in the shuffled rows up to before another. */
    private record Unit(int from, int to) {
        int size() {
            return to - from;
        }
    }

    /** Deals large units first, so that the small ones can make up for what they leave uneven, one stratum after the other. */
    private void deal(long[] rows) {
        List<Unit> large = new ArrayList<>();
        long[] single = new long[rows.length];
        int singles = 0;
        for (Unit unit = next(rows, 0); unit.size() > 0; unit = next(rows, unit.to())) {
            if (unit.size() > 1) {
                large.add(unit);
            } else {
                single[singles++] = (long) strata[number(rows, unit.from())] << NUMBER_BITS | unit.from();
            }
        }
        large.sort(Comparator.comparingInt(Unit::size).reversed());
        large.forEach(unit -> give(rows, unit));
        Arrays.sort(single, 0, singles);
        for (int i = 0; i < singles; i++) {
            int place = (int) (single[i] & Integer.MAX_VALUE);
            give(rows, new Unit(place, place + 1));
        }
    }

    private static int number(long[] rows, int place) {
        return (int) (rows[place] & Integer.MAX_VALUE);
    }

    private static Unit next(long[] rows, int from) {
        int to = from;
        while (to < rows.length && rows[to] >>> NUMBER_BITS == rows[from] >>> NUMBER_BITS) {
            to++;
        }
        return new Unit(from, to);
    }

    /** Gives a unit to the fold with the fewest rows of its most frequent stratum, of these to the one with the fewest rows. */
    private void give(long[] rows, Unit unit) {
        int[] numbers = new int[unit.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = number(rows, unit.from() + i);
        }
        int stratum = mostFrequent(numbers);
        int best = 0;
        for (int other = 1; other < folds; other++) {
            int more = ofStratum[stratum * folds + other] - ofStratum[stratum * folds + best];
            if (more < 0 || more == 0 && total[other] < total[best]) {
                best = other;
            }
        }
        for (int number : numbers) {
            fold[number] = best;
            ofStratum[strata[number] * folds + best]++;
            total[best]++;
        }
    }

    private int mostFrequent(int[] numbers) {
        int[] sorted =
                Arrays.stream(numbers).map(number -> strata[number]).sorted().toArray();
        int best = sorted[0];
        int most = 0;
        for (int from = 0; from < sorted.length; ) {
            int to = from;
            while (to < sorted.length && sorted[to] == sorted[from]) {
                to++;
            }
            if (to - from > most) {
                most = to - from;
                best = sorted[from];
            }
            from = to;
        }
        return best;
    }
}
