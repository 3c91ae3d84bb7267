package dev.anneal.dataset.check;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds rows with equal texts and rows with almost equal texts, on the same side or on both. Texts are equal if they are the
 * same apart from case, white space and Unicode form, which a hash of 64 bits tells. Almost equal ones are found by MinHash and
 * then compared, so each reported pair has the similarity that is reported.
 */
public final class Duplicates implements AutoCloseable {
    /** The kind of a repetition. It concerns one row, which repeats another. */
    public enum Kind {
        /** A row repeats an earlier one of its side. */
        DUPLICATE,
        /** A row repeats the text of an earlier one of its side, but has another label. */
        CONFLICT,
        /** A row for evaluation repeats one for training. */
        LEAKAGE,
        /** A row almost repeats an earlier one of its side. */
        NEAR_DUPLICATE,
        /** A row for evaluation almost repeats one for training. */
        NEAR_LEAKAGE
    }

    /** Receives what is found, in any order. A row is reported once for each kind. */
    public interface Found {
        void add(Kind kind, int row, int other, double similarity) throws IOException;
    }

    private static final int NUMBER_BITS = 31;
    private static final int NUMBERS = Integer.MAX_VALUE;
    private static final int BAND_IN_MEMORY = 1 << 16;

    private final RowTable table;
    private final SortedLongs exact;
    /** For each band its own, so that a key has 32 bits: millions of rows would often agree in fewer by chance. */
    private final SortedLongs[] bands;

    private final @Nullable MinHash hash;
    private final double similarity;
    private long count;

    public Duplicates(Path directory, CheckOptions options) {
        this.table = new RowTable(directory);
        this.exact = new SortedLongs(directory);
        this.hash = options.nearDuplicates() ? new MinHash(options.similarity()) : null;
        this.bands = Stream.generate(() -> new SortedLongs(directory, BAND_IN_MEMORY))
                .limit(MinHash.BANDS)
                .toArray(SortedLongs[]::new);
        this.similarity = options.similarity();
    }

    /**
     * Adds a row. Its number is greater than those before.
     *
     * @param text all texts of the row
     * @param label what the row says about them, or null if nothing
     */
    public void add(int number, long line, String text, @Nullable String label) throws IOException {
        String folded = Folding.fold(text);
        long key = hash(folded);
        table.add(number, key, line, label == null ? 0 : (int) hash(label), hash == null ? "" : folded);
        exact.add((key >>> 32) << NUMBER_BITS | number);
        if (hash != null && !folded.isEmpty()) {
            int[] keys = hash.keys(Shingles.of(folded));
            for (int band = 0; band < keys.length; band++) {
                bands[band].add(Integer.toUnsignedLong(keys[band]) << NUMBER_BITS | number);
            }
        }
        count++;
    }

    /** Returns the line of a row. */
    public long line(int number) throws IOException {
        return table.get(number).line();
    }

    /** Returns the number of the row that starts at a line, 0 if there is none. */
    int row(long line) throws IOException {
        return table.find(line);
    }

    /** Returns whether two rows have the same label, or none. */
    public boolean haveSameLabel(int a, int b) throws IOException {
        return table.get(a).label() == table.get(b).label();
    }

    static long hash(String text) {
        long h = 0x9e3779b97f4a7c15L;
        for (int i = 0; i < text.length(); i++) {
            h = (h ^ text.charAt(i)) * 0xff51afd7ed558ccdL;
            h ^= h >>> 32;
        }
        h = (h ^ (h >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return h ^ (h >>> 29);
    }

    /** Finds all repetitions. Returns false if the search for almost equal texts was stopped because too many are similar. */
    public boolean find(Sides sides, Found found) throws IOException {
        BitSet repeated = new BitSet();
        BitSet leaked = new BitSet();
        Equal equal = new Equal(sides, repeated, leaked, found);
        exact.forEach(equal);
        equal.end();
        if (hash == null) {
            return true;
        }
        Near near = new Near(sides, repeated, leaked, found);
        for (SortedLongs band : bands) {
            near.begin();
            band.forEach(near);
        }
        return near.comparisons > 0;
    }

    /** Finds rows with the same hash of their texts. Remembers which rows repeat one of their side, and which ones leak. */
    private final class Equal implements SortedLongs.Visitor {
        /** The rows with one hash: the first one for training, and all for evaluation. */
        private static final class Group {
            private int training = -1;
            private int[] evaluation = new int[2];
            private int count;

            void evaluate(int row) {
                if (count == evaluation.length) {
                    evaluation = Arrays.copyOf(evaluation, count * 2);
                }
                evaluation[count++] = row;
            }
        }

        private final Sides sides;
        private final BitSet repeated;
        private final BitSet leaked;
        private final Found found;
        /** The rows whose hashes begin alike. More than one group is rare. */
        private final Map<Long, Group> groups = new HashMap<>();

        private long beginning = -1;
        private int first;

        Equal(Sides sides, BitSet repeated, BitSet leaked, Found found) {
            this.sides = sides;
            this.repeated = repeated;
            this.leaked = leaked;
            this.found = found;
        }

        @Override
        public void visit(long value) throws IOException {
            int row = (int) value & NUMBERS;
            if (value >>> NUMBER_BITS != beginning) {
                end();
                beginning = value >>> NUMBER_BITS;
                first = row;
                return;
            }
            if (groups.isEmpty()) {
                add(first);
            }
            add(row);
        }

        private void add(int row) throws IOException {
            Group group = groups.computeIfAbsent(table.get(row).hash(), key -> new Group());
            if (sides.isEvaluation(row)) {
                group.evaluate(row);
            } else if (group.training < 0) {
                group.training = row;
            } else {
                repeats(row, group.training);
            }
        }

        private void repeats(int row, int earlier) throws IOException {
            repeated.set(row);
            found.add(haveSameLabel(row, earlier) ? Kind.DUPLICATE : Kind.CONFLICT, row, earlier, 1);
        }

        void end() throws IOException {
            for (Group group : groups.values()) {
                for (int i = 0; i < group.count; i++) {
                    int row = group.evaluation[i];
                    if (group.training >= 0) {
                        leaked.set(row);
                        found.add(Kind.LEAKAGE, row, group.training, 1);
                    }
                    if (i > 0) {
                        repeated.set(row);
                    }
                    if (i > 0 && group.training < 0) {
                        repeats(row, group.evaluation[0]);
                    }
                }
            }
            groups.clear();
        }
    }

    /** Compares rows that agree in a band. */
    private final class Near implements SortedLongs.Visitor {
        /** The number of rows of a band that a row is compared with: the first ones that differ, and the last ones. */
        private static final int FIRST = 8;

        private static final int LAST = 4;
        /** The most comparisons for a row on average, so that a file of similar rows does not take for ever. */
        private static final int COMPARISONS = 32;

        /** A row and its shingles, which are only loaded if they are needed. */
        private final class Candidate {
            private final int row;
            private int @Nullable [] shingles;

            Candidate(int row) {
                this.row = row;
            }

            int[] shingles() throws IOException {
                int[] set = shingles;
                if (set == null) {
                    set = Shingles.set(table.text(table.get(row)));
                    shingles = set;
                }
                return set;
            }
        }

        private final Sides sides;
        private final BitSet repeated;
        private final BitSet leaked;
        private final Found found;
        private final BitSet similar = new BitSet();
        private final Candidate[] first = new Candidate[FIRST];
        private final Candidate[] last = new Candidate[LAST];
        private int firsts;
        private int lasts;
        private long key = -1;
        private long comparisons = 1_000_000 + count * COMPARISONS;

        Near(Sides sides, BitSet repeated, BitSet leaked, Found found) {
            this.sides = sides;
            this.repeated = repeated;
            this.leaked = leaked;
            this.found = found;
        }

        /** Begins a band. */
        void begin() {
            key = -1;
        }

        @Override
        public void visit(long value) throws IOException {
            int row = (int) value & NUMBERS;
            if (value >>> NUMBER_BITS != key) {
                key = value >>> NUMBER_BITS;
                firsts = 0;
                lasts = 0;
            }
            if (repeated.get(row) || comparisons <= 0) {
                return;
            }
            Candidate candidate = new Candidate(row);
            boolean differs = true;
            for (int i = 0; i < firsts; i++) {
                differs &= !compare(candidate, first[i]);
            }
            for (int i = Math.max(0, lasts - LAST); i < lasts; i++) {
                differs &= !compare(candidate, last[i % LAST]);
            }
            if (differs && firsts < FIRST) {
                first[firsts++] = candidate;
            } else {
                last[lasts++ % LAST] = candidate;
            }
        }

        /** Compares a row with an earlier one, unless what it could show is known already. Returns whether they are similar. */
        private boolean compare(Candidate later, Candidate earlier) throws IOException {
            boolean leaks = sides.isEvaluation(later.row) != sides.isEvaluation(earlier.row);
            Candidate concerned = leaks && sides.isEvaluation(earlier.row) ? earlier : later;
            BitSet known = leaks ? leaked : similar;
            if (known.get(concerned.row) || comparisons-- <= 0) {
                return false;
            }
            double jaccard = Shingles.jaccard(later.shingles(), earlier.shingles());
            if (jaccard < similarity) {
                return false;
            }
            known.set(concerned.row);
            found.add(
                    leaks ? Kind.NEAR_LEAKAGE : Kind.NEAR_DUPLICATE,
                    concerned.row,
                    concerned == later ? earlier.row : later.row,
                    jaccard);
            return true;
        }
    }

    @Override
    public void close() throws IOException {
        try (table;
                exact) {
            closeFrom(0);
        }
    }

    /** Closes all, whatever happens. */
    private void closeFrom(int band) throws IOException {
        if (band < bands.length) {
            try (SortedLongs open = bands[band]) {
                closeFrom(band + 1);
            }
        }
    }
}
