package dev.anneal.evaluation.linear;

/** Vectors of rows. */
interface Rows {
    int rows();

    /** Returns the product of a row with the weights of an output, whose first weight is at {@code offset}. */
    double dot(int row, double[] weights, int offset);

    /** Adds a multiple of a row to weights. */
    void add(int row, double factor, double[] weights, int offset);
}
