package dev.anneal.training.task;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.TreeSet;

/** Texts in rows of a greatest length, best fit in random order. Few numbers for each text are in memory, and no objects. */
final class Packing {
    private static final int NONE = -1;

    /** The first text of each row. */
    private final int[] first;
    /** The text after each text in its row. */
    private final int[] next;

    private final int[] lengths;

    private Packing(int[] first, int[] next, int[] lengths) {
        this.first = first;
        this.next = next;
        this.lengths = lengths;
    }

    static Packing of(int[] texts, int maxLength, SplittableRandom random) {
        int[] first = new int[texts.length];
        int[] last = new int[texts.length];
        int[] next = new int[texts.length];
        Arrays.fill(next, NONE);
        int[] rowLengths = new int[texts.length];
        int rows = 0;
        // The rows with so much room, as stacks: the row at the top, and the one below each row.
        int[] top = new int[maxLength + 1];
        Arrays.fill(top, NONE);
        int[] below = new int[texts.length];
        TreeSet<Integer> rooms = new TreeSet<>();
        for (int text : LengthBuckets.shuffled(texts.length, random)) {
            Integer room = rooms.ceiling(texts[text]); // of the fullest row that has room for it
            int row;
            if (room == null) {
                row = rows++;
                room = maxLength;
                first[row] = text;
            } else {
                row = top[room];
                top[room] = below[row];
                if (top[room] == NONE) {
                    rooms.remove(room);
                }
                next[last[row]] = text;
            }
            last[row] = text;
            rowLengths[row] += texts[text];
            int left = room - texts[text];
            below[row] = top[left];
            top[left] = row;
            rooms.add(left);
        }
        return new Packing(Arrays.copyOf(first, rows), next, Arrays.copyOf(rowLengths, rows));
    }

    /** Returns the length of each row. */
    int[] lengths() {
        return lengths;
    }

    /** Returns the numbers of the texts in a row, both counted from 0. */
    int[] texts(int row) {
        int count = 0;
        for (int text = first[row]; text != NONE; text = next[text]) {
            count++;
        }
        int[] texts = new int[count];
        int text = first[row];
        for (int i = 0; i < count; i++) {
            texts[i] = text;
            text = next[text];
        }
        return texts;
    }
}
