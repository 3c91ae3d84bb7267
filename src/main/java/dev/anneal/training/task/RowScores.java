package dev.anneal.training.task;

import dev.anneal.evaluation.score.Scores;

/**
 * The scores of rows that consist of several examples: the mean of theirs.
 *
 * @param each the scores of the examples
 * @param starts the first example of each row
 */
record RowScores(Scores each, int[] starts) implements Scores {
    @Override
    public int rows() {
        return starts.length;
    }

    @Override
    public int labels() {
        return each.labels();
    }

    @Override
    public float at(int row, int label) {
        int end = row + 1 == starts.length ? each.rows() : starts[row + 1];
        float mean = each.at(starts[row], label);
        for (int i = starts[row] + 1; i < end; i++) {
            mean += (each.at(i, label) - mean) / (i - starts[row] + 1);
        }
        return mean;
    }
}
