package dev.anneal.dataset.parquet;

import dev.anneal.dataset.parquet.Thrift.Struct;
import java.util.ArrayList;
import java.util.List;

/**
 * A node of a Parquet schema.
 *
 * @param type the physical type of a leaf, -1 for a group
 * @param length of the values of a leaf of fixed length
 * @param kind the meaning of its values
 * @param scale of decimal numbers
 * @param definition the definition level at which it is present
 * @param repetition the repetition level of its further items
 * @param column the number of its leaf, or of the first leaf below it
 * @param leaves how many leaves it has
 */
record Node(
        String name,
        boolean isRepeated,
        int type,
        int length,
        Kind kind,
        int scale,
        int definition,
        int repetition,
        int column,
        int leaves,
        List<Node> children) {
    static final int BOOLEAN = 0;
    static final int INT32 = 1;
    static final int INT64 = 2;
    static final int INT96 = 3;
    static final int FLOAT = 4;
    static final int DOUBLE = 5;
    static final int BYTE_ARRAY = 6;
    static final int FIXED = 7;

    /** The meanings of values that matter here. */
    enum Kind {
        plain,
        text,
        list,
        map,
        decimal,
        unsigned,
        date,
        millis,
        micros,
        nanos
    }

    /** The numbers of the older types of unsigned integers, from 8 to 64 bits. */
    private static final int FIRST_UNSIGNED = 11;

    private static final int LAST_UNSIGNED = 14;

    private static final int MAX_DEPTH = 16;
    private static final int MAX_LEAVES = 1_000;

    boolean isLeaf() {
        return type >= 0;
    }

    /** Reads a schema, which lists its nodes from the root, each before its children. */
    static Node schema(List<Struct> elements) throws ParquetException {
        Builder builder = new Builder(elements);
        Node root = builder.node(0, 0, 0, true);
        if (builder.next != elements.size() || root.isLeaf() || root.children.isEmpty()) {
            throw new ParquetException("its schema is not valid");
        }
        return root;
    }

    private static final class Builder {
        private final List<Struct> elements;
        private int next;
        private int columns;

        Builder(List<Struct> elements) {
            this.elements = elements;
        }

        Node node(int definition, int repetition, int depth, boolean isRoot) throws ParquetException {
            if (depth > MAX_DEPTH || columns > MAX_LEAVES) {
                throw new ParquetException("its schema has more than %,d columns, or is nested more than %d times"
                        .formatted(MAX_LEAVES, MAX_DEPTH));
            }
            if (next >= elements.size()) {
                throw new ParquetException("its schema is not valid");
            }
            Struct element = elements.get(next++);
            int mode = isRoot ? 0 : element.small(3, 0);
            int ownDefinition = definition + (mode > 0 ? 1 : 0);
            int ownRepetition = repetition + (mode == 2 ? 1 : 0);
            int count = element.small(5, 0);
            int first = columns;
            List<Node> children = new ArrayList<>();
            boolean isLeaf = !isRoot && element.has(1) && count == 0;
            if (isLeaf) {
                columns++;
            }
            for (int i = 0; i < count; i++) {
                children.add(node(ownDefinition, ownRepetition, depth + 1, false));
            }
            if (!isLeaf && columns == first) {
                throw new ParquetException("its schema has a group without columns");
            }
            return new Node(
                    element.text(4),
                    mode == 2,
                    isLeaf ? element.small(1, 0) : -1,
                    element.small(2, 0),
                    kind(element),
                    scale(element),
                    ownDefinition,
                    ownRepetition,
                    first,
                    columns - first,
                    List.copyOf(children));
        }

        private static Kind kind(Struct element) throws ParquetException {
            Struct logical = element.has(10) ? element.struct(10) : new Struct(java.util.Map.of());
            int converted = element.small(6, -1);
            if (converted == 0
                    || converted == 4
                    || converted == 19
                    || logical.has(1)
                    || logical.has(4)
                    || logical.has(12)) {
                return Kind.text;
            }
            if (converted == 3 || logical.has(3)) {
                return Kind.list;
            }
            if (converted == 1 || converted == 2 || logical.has(2)) {
                return Kind.map;
            }
            if (converted == 5 || logical.has(5)) {
                return Kind.decimal;
            }
            boolean isUnsigned = logical.has(10)
                    ? !logical.struct(10).flag(2, true)
                    : converted >= FIRST_UNSIGNED && converted <= LAST_UNSIGNED;
            return isUnsigned ? Kind.unsigned : time(converted, logical);
        }

        /** Returns the unit of dates and times. */
        private static Kind time(int converted, Struct logical) throws ParquetException {
            if (converted == 6 || logical.has(6)) {
                return Kind.date;
            }
            Struct unit = logical.has(8) && logical.struct(8).has(2)
                    ? logical.struct(8).struct(2)
                    : new Struct(java.util.Map.of());
            if (converted == 9 || unit.has(1)) {
                return Kind.millis;
            }
            if (converted == 10 || unit.has(2)) {
                return Kind.micros;
            }
            return unit.has(3) ? Kind.nanos : Kind.plain;
        }

        private static int scale(Struct element) throws ParquetException {
            Struct logical = element.has(10) ? element.struct(10) : new Struct(java.util.Map.of());
            int scale = logical.has(5) ? logical.struct(5).small(1, 0) : element.small(7, 0);
            if (Math.abs(scale) > 1_000) {
                throw new ParquetException("its schema has a decimal number with too many places");
            }
            return scale;
        }
    }
}
