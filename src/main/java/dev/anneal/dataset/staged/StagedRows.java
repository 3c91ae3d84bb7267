package dev.anneal.dataset.staged;

import dev.anneal.dataset.file.DatasetParser;
import dev.anneal.dataset.file.Row;
import dev.anneal.dataset.split.Splits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The rows of a dataset in temporary files. It is written once to the database, with its splits, when it is complete and
 * nothing is wrong with it. A few bits for each row are in memory.
 */
public final class StagedRows implements DatasetParser.Sink, AutoCloseable {
    /** The splits by their numbers. */
    static final List<String> SPLITS = List.of("train", "validation", "test");

    private static final int DRAWN = SPLITS.size();
    private static final int MOST_FILES = 10_000;

    /** The place where a row was read: its file, null if there is only one, and its line there. */
    public record Origin(@Nullable String file, int line) {}

    /** Receives a row: its number, its split, where it was read, and where the JSON of its content is. */
    public interface Visitor {
        void visit(int number, String split, Origin origin, byte[] bytes, int from, int length) throws IOException;
    }

    /** A row with one of its labels or tags. */
    public record NamedRow(int number, String name) {}

    /** The number of rows with a label, or of tokens with a tag, by split. */
    public record Count(String name, long train, long validation, long test) {
        public long all() {
            return train + validation + test;
        }
    }

    /**
     * The number of rows by split.
     *
     * @param labels in the order of their names
     */
    public record Summary(List<Count> labels, long train, long validation, long test) {}

    private final Blocks heads; // of each row: its number, split, file, line, labels, and the length of its content
    private final Blocks contents;
    private final Bytes head = new Bytes();
    private final Bytes content = new Bytes();
    private final LabelNumbers labels;
    /** The files by their numbers, which count from 1. */
    private final List<String> files = new ArrayList<>();

    private final BitSet removed = new BitSet();
    private Splits drawn = new Splits();
    private int last;
    private long count;
    private @Nullable Double score;
    private boolean scoresDiffer;

    /**
     * Creates an empty stage.
     *
     * @param mostLabels of which there may be one more, which shows that there are too many
     */
    public StagedRows(Path directory, int mostLabels) {
        this.heads = new Blocks(directory);
        this.contents = new Blocks(directory);
        this.labels = new LabelNumbers(mostLabels);
    }

    /** Adds a row. Its number is greater than those before. */
    @Override
    public void add(Row row) throws IOException {
        count++;
        content.clear();
        content.json(row.content());
        int number = Math.toIntExact(row.number());
        head.clear();
        head.varint(number - last);
        head.octet(row.split() == null ? DRAWN : SPLITS.indexOf(row.split()));
        head.varint(file(row.file()));
        head.varint((int) Math.min(row.line(), Integer.MAX_VALUE));
        addLabels(row.content());
        head.varint(content.size());
        heads.append(head.bytes(), head.size());
        contents.append(content.bytes(), content.size());
        last = number;
        JsonNode given = row.content().get("score");
        if (given != null) {
            scoresDiffer |= score != null && score != given.doubleValue();
            score = given.doubleValue();
        }
    }

    /** Returns the number of a file, 0 if there is only one, or too many to keep their names. Rows of a file follow one another. */
    private int file(@Nullable String name) {
        if (name == null) {
            return 0;
        }
        if (files.isEmpty() || !files.get(files.size() - 1).equals(name)) {
            if (files.size() == MOST_FILES) {
                return 0;
            }
            files.add(name);
        }
        return files.size();
    }

    private void addLabels(ObjectNode row) {
        JsonNode names = row.has("labels") ? row.get("labels") : row.get("tags");
        if (names != null) {
            head.varint(names.size());
            for (JsonNode name : names) {
                head.varint(labels.of(name.asString()));
            }
        } else if (row.has("label")) {
            head.varint(1);
            head.varint(labels.of(row.get("label").asString()));
        } else {
            head.varint(0);
        }
    }

    /** Returns how many rows were added. */
    public long count() {
        return count;
    }

    /** Returns whether the rows have more than one score. */
    public boolean scoresDiffer() {
        return scoresDiffer;
    }

    /** Says which splits the rows have that did not come with one. */
    public void draw(Splits splits) {
        drawn = splits;
    }

    /** A row without its content, which is overwritten by the next. */
    private final class Heads {
        private final Blocks.Reader reader = heads.read();
        private int number;
        private int split;
        private int file;
        private int line;
        private int[] labels = new int[16];
        private int labelCount;
        private int length;

        Heads() throws IOException {}

        /** Moves to the next row, also if it is removed. */
        boolean next() throws IOException {
            if (!reader.hasNext()) {
                return false;
            }
            number += reader.varint();
            split = reader.octet();
            split = split == DRAWN ? SPLITS.indexOf(drawn.of(number)) : split;
            file = reader.varint();
            line = reader.varint();
            labelCount = reader.varint();
            if (labels.length < labelCount) {
                labels = new int[labelCount];
            }
            for (int i = 0; i < labelCount; i++) {
                labels[i] = reader.varint();
            }
            length = reader.varint();
            return true;
        }

        Origin origin() {
            return new Origin(file == 0 ? null : files.get(file - 1), line);
        }

        /** Returns the first of its labels that is one of these, or -1. */
        int find(BitSet wanted) {
            int found = -1;
            for (int i = 0; i < labelCount; i++) {
                boolean isFirst = wanted.get(labels[i])
                        && (found < 0
                                || LabelNumbers.ORDER.compare(
                                                StagedRows.this.labels.name(labels[i]),
                                                StagedRows.this.labels.name(found))
                                        < 0);
                found = isFirst ? labels[i] : found;
            }
            return found;
        }
    }

    /** Counts the rows that are not removed. */
    public Summary summary() throws IOException {
        long[][] counts = new long[labels.count()][SPLITS.size()];
        long[] rows = new long[SPLITS.size()];
        for (Heads row = new Heads(); row.next(); ) {
            if (!removed.get(row.number)) {
                rows[row.split]++;
                for (int i = 0; i < row.labelCount; i++) {
                    counts[row.labels[i]][row.split]++;
                }
            }
        }
        List<Count> found = new ArrayList<>();
        for (int i = 0; i < counts.length; i++) {
            Count label = new Count(labels.name(i), counts[i][0], counts[i][1], counts[i][2]);
            if (label.all() > 0) {
                found.add(label);
            }
        }
        found.sort((a, b) -> LabelNumbers.ORDER.compare(a.name(), b.name()));
        return new Summary(List.copyOf(found), rows[0], rows[1], rows[2]);
    }

    /**
     * Returns the first rows that have one of the labels or tags, each with the first of these.
     *
     * @param evaluation whether only rows of validation and test count
     */
    public List<NamedRow> named(Collection<String> names, boolean evaluation, int most) throws IOException {
        List<NamedRow> found = new ArrayList<>();
        BitSet wanted = numbers(names);
        for (Heads row = new Heads(); !wanted.isEmpty() && found.size() < most && row.next(); ) {
            int label = row.find(wanted);
            if (label >= 0 && !removed.get(row.number) && !(evaluation && row.split == 0)) {
                found.add(new NamedRow(row.number, labels.name(label)));
            }
        }
        return found;
    }

    /** Counts the rows that have one of the labels or tags. */
    public long countNamed(Collection<String> names, boolean evaluation) throws IOException {
        long count = 0;
        BitSet wanted = numbers(names);
        for (Heads row = new Heads(); !wanted.isEmpty() && row.next(); ) {
            boolean isOne = row.find(wanted) >= 0 && !removed.get(row.number) && !(evaluation && row.split == 0);
            count += isOne ? 1 : 0;
        }
        return count;
    }

    /** Removes the rows that have one of the labels or tags, and tells their numbers. Returns how many there are. */
    public long remove(Collection<String> names, boolean evaluation, IntConsumer numbers) throws IOException {
        int before = removed.cardinality();
        BitSet wanted = numbers(names);
        for (Heads row = new Heads(); !wanted.isEmpty() && row.next(); ) {
            if (row.find(wanted) >= 0 && !(evaluation && row.split == 0)) {
                removed.set(row.number);
                numbers.accept(row.number);
            }
        }
        return (long) removed.cardinality() - before;
    }

    private BitSet numbers(Collection<String> names) {
        Set<String> wanted = new HashSet<>(names);
        BitSet numbers = new BitSet();
        for (int i = 0; i < labels.count(); i++) {
            numbers.set(i, wanted.contains(labels.name(i)));
        }
        return numbers;
    }

    /** Visits all rows that are not removed, in order. */
    public void forEach(Visitor visitor) throws IOException {
        Blocks.Reader bytes = contents.read();
        for (Heads row = new Heads(); row.next(); ) {
            int from = bytes.record(row.length);
            if (!removed.get(row.number)) {
                visitor.visit(row.number, SPLITS.get(row.split), row.origin(), bytes.bytes(), from, row.length);
            }
        }
    }

    @Override
    public void close() throws IOException {
        try (heads;
                contents) {
            // closes both, whatever happens
        }
    }
}
