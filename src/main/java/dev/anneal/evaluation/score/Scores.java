package dev.anneal.evaluation.score;

/** The score that a model gave to each label (column) of each example (row), both by number from 0. */
public interface Scores {
    int rows();

    int labels();

    float at(int row, int label);

    /** Returns scores that are kept in memory, [rows][labels]. */
    static Scores of(float[][] scores) {
        return new Scores() {
            @Override
            public int rows() {
                return scores.length;
            }

            @Override
            public int labels() {
                return scores.length == 0 ? 0 : scores[0].length;
            }

            @Override
            public float at(int row, int label) {
                return scores[row][label];
            }
        };
    }

    /** Returns the number of the label with the highest score, the first of equal ones. */
    default int best(int row) {
        int best = 0;
        for (int label = 1; label < labels(); label++) {
            if (at(row, label) > at(row, best)) {
                best = label;
            }
        }
        return best;
    }
}
