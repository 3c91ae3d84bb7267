package dev.anneal.dataset.format;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The columns of a file whose rows name them: those of the first rows, because any one of them may lack a value. */
final class SeenColumns {
    private static final int ROWS = 100;
    private static final int MAX_COLUMNS = 1_000;

    private final Set<String> names = new LinkedHashSet<>();
    private int rows;

    void add(Collection<String> ofRow) {
        if (rows == 0 || rows < ROWS && names.size() + ofRow.size() <= MAX_COLUMNS) {
            names.addAll(ofRow);
        }
        rows += rows < ROWS ? 1 : 0;
    }

    List<String> names() {
        return List.copyOf(names);
    }
}
