package dev.anneal.training.finding;

import java.nio.IntBuffer;
import java.util.HashMap;
import java.util.Map;

/** Keeps one array for all equal sets of labels, because many rows mostly have few different ones. */
final class SharedSets {
    /** The most different sets that are looked for. */
    private static final int MOST = 100_000;

    private final Map<IntBuffer, int[]> sets = new HashMap<>();

    /** Returns an equal array, which must not be changed. */
    int[] of(int[] set) {
        int[] known = sets.get(IntBuffer.wrap(set));
        if (known == null && sets.size() < MOST) {
            sets.put(IntBuffer.wrap(set), set);
        }
        return known == null ? set : known;
    }
}
