package dev.anneal.evaluation;

import dev.anneal.evaluation.count.LabelCounts;
import java.util.Arrays;

/**
 * The labels that each row has or got, without the others: rows mostly have few of many labels. Each takes 4 bytes, each row
 * 4 more.
 */
final class LabelsOfRows {
    private static final int WANTED = 1;
    private static final int FOUND = 2;

    private final int[] ends;
    /** The number of a label times 4, and the bits of what holds for it. */
    private final int[] codes;

    private LabelsOfRows(int[] ends, int[] codes) {
        this.ends = ends;
        this.codes = codes;
    }

    static LabelsOfRows of(MultiLabelPredictions predictions) {
        int[] ends = new int[predictions.size()];
        int[] codes = new int[16];
        int size = 0;
        for (int row = 0; row < ends.length; row++) {
            for (int label = 0; label < predictions.labels().size(); label++) {
                int code = (predictions.expected().has(row, label) ? WANTED : 0)
                        + (predictions.predicted(row, label) ? FOUND : 0);
                if (code != 0) {
                    if (size == codes.length) {
                        codes = Arrays.copyOf(codes, 2 * size);
                    }
                    codes[size++] = 4 * label + code;
                }
            }
            ends[row] = size;
        }
        return new LabelsOfRows(ends, Arrays.copyOf(codes, size));
    }

    /** Counts the labels of a row; returns whether all of them are right. */
    boolean add(int row, LabelCounts counts) {
        boolean isRight = true;
        for (int i = row == 0 ? 0 : ends[row - 1]; i < ends[row]; i++) {
            boolean wanted = (codes[i] & WANTED) != 0;
            boolean found = (codes[i] & FOUND) != 0;
            counts.add(codes[i] >> 2, wanted, found);
            isRight &= wanted == found;
        }
        return isRight;
    }
}
