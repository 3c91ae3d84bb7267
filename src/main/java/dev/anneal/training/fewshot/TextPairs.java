package dev.anneal.training.fewshot;

import dev.anneal.spec.FewShot;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Pairs of rows, by their numbers: as many with the same label as with two. */
record TextPairs(int[] first, int[] second) {
    /** Draws a pair of each kind {@link FewShot#ROUNDS} times for each row, given the number of its label. */
    static TextPairs draw(int[] labels, int count, SplittableRandom random) {
        List<int[]> rowsOf = new ArrayList<>();
        for (int label = 0; label < count; label++) {
            int each = label;
            rowsOf.add(IntStream.range(0, labels.length)
                    .filter(row -> labels[row] == each)
                    .toArray());
        }
        int size = Math.toIntExact(FewShot.pairs(labels.length));
        int[] first = new int[size];
        int[] second = new int[size];
        for (int pair = 0; pair < size; pair += 2) {
            int row = pair / (2 * FewShot.ROUNDS);
            first[pair] = row;
            second[pair] = same(row, rowsOf.get(labels[row]), random);
            first[pair + 1] = row;
            second[pair + 1] = other(row, labels, rowsOf.get(labels[row]).length, random);
        }
        return new TextPairs(first, second);
    }

    /** Returns another row of these, or the row itself if there is no other one. */
    private static int same(int row, int[] rows, SplittableRandom random) {
        if (rows.length == 1) {
            return row;
        }
        int drawn = rows[random.nextInt(rows.length - 1)];
        return drawn == row ? rows[rows.length - 1] : drawn;
    }

    /** Returns a row with another label, or any row if there is no other label. */
    private static int other(int row, int[] labels, int same, SplittableRandom random) {
        int drawn;
        do {
            drawn = random.nextInt(labels.length);
        } while (labels[drawn] == labels[row] && same < labels.length);
        return drawn;
    }
}
