package dev.anneal.dataset.staged;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The labels and tags of rows, and their numbers from 0. Files with too many labels are refused, so more have one number. */
final class LabelNumbers {
    /** The order of Postgres' collation "C". */
    static final Comparator<String> ORDER =
            (a, b) -> Arrays.compareUnsigned(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));

    private final int most;
    private final Map<String, Integer> numbers = new HashMap<>();
    private final List<String> names = new ArrayList<>();

    LabelNumbers(int most) {
        this.most = most;
    }

    int of(String name) {
        Integer known = numbers.get(name);
        if (known != null) {
            return known;
        }
        if (names.size() > most) {
            return most;
        }
        numbers.put(name, names.size());
        names.add(name);
        return names.size() - 1;
    }

    int count() {
        return names.size();
    }

    String name(int number) {
        return names.get(number);
    }
}
