package dev.anneal.dataset.duplicate;

import dev.anneal.dataset.spool.SortedLongs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds rows with equal texts and rows with almost equal texts, on the same side or on both. Texts are equal if they are the
 * same apart from case, white space and Unicode form, which a hash of 64 bits tells. Almost equal ones are found by MinHash and
 * then compared, so each reported pair has the similarity that is reported. A row for evaluation leaks if MinHash pairs it with
 * any training row that is similar enough: without the rows that were found, another search finds none.
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

        /** Called again and again during the search for almost equal texts, which stops if it returns true. May throw an exception. */
        default boolean isOver() {
            return false;
        }
    }

    /** Passes on what is found of some kinds. */
    private record Wanted(Set<Kind> kinds, Found found) implements Found {
        @Override
        public void add(Kind kind, int row, int other, double similarity) throws IOException {
            if (kinds.contains(kind)) {
                found.add(kind, row, other, similarity);
            }
        }

        @Override
        public boolean isOver() {
            return found.isOver();
        }
    }

    static final int NUMBER_BITS = 31;
    private static final int NUMBERS = Integer.MAX_VALUE;
    private static final int BAND_IN_MEMORY = 1 << 16;

    private final RowTable table;
    private final SortedLongs exact;
    /** For each band its own, so that a key has 32 bits: millions of rows would often agree in fewer by chance. */
    private final SortedLongs[] bands;

    private final @Nullable MinHash hash;
    private final double similarity;
    private final CheckOptions.Work work;
    private long shingles;

    public Duplicates(Path directory, CheckOptions options) {
        this.table = new RowTable(directory);
        this.exact = new SortedLongs(directory);
        this.hash = options.nearDuplicates() ? new MinHash(options.similarity()) : null;
        this.bands = Stream.generate(() -> new SortedLongs(directory, BAND_IN_MEMORY))
                .limit(MinHash.BANDS)
                .toArray(SortedLongs[]::new);
        this.similarity = options.similarity();
        this.work = options.work();
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
            int[] all = Shingles.of(folded);
            shingles += all.length;
            int[] keys = hash.keys(all);
            for (int band = 0; band < keys.length; band++) {
                bands[band].add(Integer.toUnsignedLong(keys[band]) << NUMBER_BITS | number);
            }
        }
    }

    /** Returns the line of a row, as it was added. */
    public long line(int number) throws IOException {
        return table.get(number).line();
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

    /**
     * Finds all repetitions of some kinds. Returns false if the search for almost equal texts was stopped: too many are similar, or
     * its time is over.
     */
    public boolean find(Sides sides, Set<Kind> kinds, Found found) throws IOException {
        Wanted wanted = new Wanted(kinds, found);
        Equal equal = new Equal(sides, wanted);
        exact.forEach(equal);
        equal.end();
        if (hash == null) {
            return true;
        }
        NearSearch near = new NearSearch(
                table, similarity, sides, kinds, work.most(shingles), equal.repeated, equal.leaked, wanted);
        for (SortedLongs band : bands) {
            band.forEach(near);
            near.end();
        }
        Copies copies = new Copies(sides, near.leaked(), wanted);
        if (equal.copied.intersects(near.leaked())) {
            exact.forEach(copies);
            copies.end();
        }
        return near.isComplete();
    }

    /** Sees the rows in groups with the same hash of their texts. */
    private abstract class Groups implements SortedLongs.Visitor {
        /** The rows with one hash: the first one for training, and all for evaluation. */
        static final class Group {
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
        /** The rows whose hashes begin alike. More than one group is rare. */
        private final Map<Long, Group> groups = new HashMap<>();

        private long beginning = -1;
        private int first;

        Groups(Sides sides) {
            this.sides = sides;
        }

        @Override
        public void visit(long value) throws IOException {
            int row = (int) value & NUMBERS;
            if (sides.isLeftOut(row)) {
                return;
            }
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

        void end() throws IOException {
            for (Group group : groups.values()) {
                ends(group);
            }
            groups.clear();
        }

        /** Receives a training row that repeats another one. */
        abstract void repeats(int row, int earlier) throws IOException;

        abstract void ends(Group group) throws IOException;
    }

    /** Finds rows with equal texts. Remembers which rows repeat one of their side, which of these are repeated, and which leak. */
    private final class Equal extends Groups {
        private final BitSet repeated = new BitSet();
        private final BitSet copied = new BitSet();
        private final BitSet leaked = new BitSet();
        private final Found found;

        Equal(Sides sides, Found found) {
            super(sides);
            this.found = found;
        }

        @Override
        void repeats(int row, int earlier) throws IOException {
            repeated.set(row);
            found.add(haveSameLabel(row, earlier) ? Kind.DUPLICATE : Kind.CONFLICT, row, earlier, 1);
        }

        @Override
        void ends(Group group) throws IOException {
            for (int i = 0; i < group.count; i++) {
                int row = group.evaluation[i];
                if (group.training >= 0) {
                    leaked.set(row);
                    found.add(Kind.LEAKAGE, row, group.training, 1);
                }
                if (i > 0) {
                    copied.set(group.evaluation[0]);
                    repeats(row, group.evaluation[0]);
                }
            }
        }
    }

    /** Finds the rows with the text of one that almost repeats a training row. Only the first row with a text is compared. */
    private final class Copies extends Groups {
        private final BitSet leaked;
        private final Found found;

        Copies(Sides sides, BitSet leaked, Found found) {
            super(sides);
            this.leaked = leaked;
            this.found = found;
        }

        @Override
        void repeats(int row, int earlier) {
            // says nothing about leakage
        }

        @Override
        void ends(Group group) throws IOException {
            if (group.count > 1 && leaked.get(group.evaluation[0])) {
                RowTable.Entry compared = table.get(group.evaluation[0]);
                for (int i = 1; i < group.count; i++) {
                    found.add(Kind.NEAR_LEAKAGE, group.evaluation[i], compared.near(), compared.similarity());
                }
            }
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
