package dev.anneal.evaluation.linear;

/**
 * Finds the minimum of a smooth convex function (<a href="https://doi.org/10.1007/BF01589116">Liu and Nocedal, 1989</a>). The same
 * function always gives the same numbers.
 */
final class Lbfgs {
    private static final int MEMORY = 6;
    private static final int MOST_HALVINGS = 40;
    private static final double ENOUGH = 1e-4;
    private static final double EXACT = 1e-14;

    /** A function with its gradient, which it writes into the array. */
    interface Function {
        double at(double[] point, double[] gradient);
    }

    /** The end of a search. It is converged if no part of the gradient exceeds the tolerance there. */
    record Minimum(double[] point, boolean isConverged, int steps) {}

    private Lbfgs() {}

    static Minimum find(Function function, int size, double tolerance, int mostSteps) {
        double[] point = new double[size];
        double[] gradient = new double[size];
        double[] next = new double[size];
        double[] nextGradient = new double[size];
        double[] direction = new double[size];
        double[][] moves = new double[MEMORY][];
        double[][] changes = new double[MEMORY][];
        double value = function.at(point, gradient);
        int kept = 0;
        for (int step = 0; step < mostSteps; step++) {
            if (largest(gradient) <= tolerance) {
                return new Minimum(point, true, step);
            }
            direct(gradient, moves, changes, kept, direction);
            double slope = dot(gradient, direction);
            if (!(slope < 0)) {
                kept = 0;
                direct(gradient, moves, changes, 0, direction);
                slope = dot(gradient, direction);
            }
            double length = kept == 0 ? 1 / Math.max(1, Math.sqrt(dot(gradient, gradient))) : 1;
            double found = Double.NaN;
            boolean isLower = false;
            for (int halving = 0; halving < MOST_HALVINGS && !isLower; halving++, length *= isLower ? 1 : 0.5) {
                for (int i = 0; i < size; i++) {
                    next[i] = point[i] + length * direction[i];
                }
                found = function.at(next, nextGradient);
                // Near the minimum, values are not exact enough to be compared, but gradients are.
                isLower = found <= value + ENOUGH * length * slope
                        || found <= value + EXACT * Math.abs(value) && largest(nextGradient) < largest(gradient);
            }
            if (!isLower) {
                return new Minimum(point, false, step); // the numbers are not exact enough for a lower value
            }
            int place = kept % MEMORY;
            double[] move = moves[place] == null ? new double[size] : moves[place];
            double[] change = changes[place] == null ? new double[size] : changes[place];
            for (int i = 0; i < size; i++) {
                move[i] = next[i] - point[i];
                change[i] = nextGradient[i] - gradient[i];
            }
            if (dot(move, change) > 1e-16 * dot(change, change)) {
                moves[place] = move;
                changes[place] = change;
                kept++;
            } else {
                kept = 0; // the oldest move was overwritten
            }
            double[] swapped = point;
            point = next;
            next = swapped;
            swapped = gradient;
            gradient = nextGradient;
            nextGradient = swapped;
            value = found;
        }
        return new Minimum(point, largest(gradient) <= tolerance, mostSteps);
    }

    /** Computes the direction of the next step from the last moves and the changes of the gradient in them. */
    private static void direct(double[] gradient, double[][] moves, double[][] changes, int kept, double[] direction) {
        for (int i = 0; i < direction.length; i++) {
            direction[i] = -gradient[i];
        }
        int oldest = Math.max(0, kept - MEMORY);
        double[] shares = new double[MEMORY];
        for (int k = kept - 1; k >= oldest; k--) {
            double[] move = moves[k % MEMORY];
            double[] change = changes[k % MEMORY];
            shares[k % MEMORY] = dot(move, direction) / dot(move, change);
            add(-shares[k % MEMORY], change, direction);
        }
        if (kept > 0) {
            double[] move = moves[(kept - 1) % MEMORY];
            double[] change = changes[(kept - 1) % MEMORY];
            double scale = dot(move, change) / dot(change, change);
            for (int i = 0; i < direction.length; i++) {
                direction[i] *= scale;
            }
        }
        for (int k = oldest; k < kept; k++) {
            double[] move = moves[k % MEMORY];
            double[] change = changes[k % MEMORY];
            add(shares[k % MEMORY] - dot(change, direction) / dot(move, change), move, direction);
        }
    }

    private static double dot(double[] first, double[] second) {
        double sum = 0;
        for (int i = 0; i < first.length; i++) {
            sum += first[i] * second[i];
        }
        return sum;
    }

    private static void add(double factor, double[] from, double[] to) {
        for (int i = 0; i < to.length; i++) {
            to[i] += factor * from[i];
        }
    }

    private static double largest(double[] values) {
        double largest = 0;
        for (double value : values) {
            largest = Math.max(largest, Math.abs(value));
        }
        return largest;
    }
}
