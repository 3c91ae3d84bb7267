package dev.anneal.evaluation.score;

/** A set of labels for each of many rows, in one bit per row and label. */
public final class LabelSets {
    private final int rows;
    private final int labels;
    private final long[][] words;

    /** Makes empty sets. */
    public LabelSets(int rows, int labels) {
        this.rows = rows;
        this.labels = labels;
        this.words = new long[rows][(labels + 63) / 64];
    }

    /** Returns the sets of a table, [rows][labels]. */
    public static LabelSets of(boolean[][] table, int labels) {
        LabelSets sets = new LabelSets(table.length, labels);
        for (int row = 0; row < table.length; row++) {
            for (int label = 0; label < labels; label++) {
                if (table[row][label]) {
                    sets.add(row, label);
                }
            }
        }
        return sets;
    }

    public void add(int row, int label) {
        words[row][label >> 6] |= 1L << (label & 63);
    }

    public boolean has(int row, int label) {
        return (words[row][label >> 6] >>> (label & 63) & 1) != 0;
    }

    public int rows() {
        return rows;
    }

    public int labels() {
        return labels;
    }
}
