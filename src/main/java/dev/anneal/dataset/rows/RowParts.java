package dev.anneal.dataset.rows;

/** The number of rows to ask Postgres for at once. Only those are returned for which there is room, but the sizes of all are computed. */
public final class RowParts {
    private static final int FIRST = 100;

    private final int most;
    private int size = FIRST;

    public RowParts(int most) {
        this.most = most;
    }

    public int size() {
        return size;
    }

    /** Receives how many rows there was room for. */
    public void read(int returned, int found) {
        size = returned < found ? Math.max(1, returned) : Math.min(most, size * 2);
    }
}
