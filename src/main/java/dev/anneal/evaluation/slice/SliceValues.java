package dev.anneal.evaluation.slice;

import dev.anneal.evaluation.rows.RowMetrics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Collects the values of a column, row by row. It keeps no more names than a column may have. */
public final class SliceValues {
    private final String column;
    private final boolean isSorted;
    private final Map<String, Integer> numbers = new HashMap<>();
    private final List<String> names = new ArrayList<>();
    /** The number of the value of each row, -1 if it has none. */
    private byte[] values = new byte[1024];

    private int rows;
    private int tooMany;

    /** Collects the values of a column of a dataset. */
    public SliceValues(String column) {
        this(column, List.of(), false);
    }

    private SliceValues(String column, List<String> names, boolean isSorted) {
        this.column = column;
        this.isSorted = isSorted;
        names.forEach(this::number);
    }

    /** Collects values that have an order. */
    static SliceValues sorted(String column, List<String> names) {
        return new SliceValues(column, names, true);
    }

    /** Adds the value of the next row; null if it has none. */
    public void add(@Nullable String value) {
        if (rows == values.length) {
            values = Arrays.copyOf(values, 2 * rows);
        }
        values[rows++] = (byte) (value == null ? -1 : number(value));
    }

    private int number(String value) {
        Integer known = numbers.get(value);
        if (known == null) {
            if (names.size() == Slices.MOST_VALUES) {
                tooMany++;
                return -1;
            }
            known = names.size();
            numbers.put(value, known);
            names.add(value);
        }
        return known;
    }

    /** Returns whether no row has a value. */
    public boolean isEmpty() {
        return IntStream.range(0, rows).allMatch(row -> values[row] < 0);
    }

    /** Returns the values, the first one of the rows first. */
    public List<String> names() {
        return names;
    }

    /** Returns whether a row has a value, both by number from 0. */
    public boolean has(int row, int value) {
        return values[row] == value;
    }

    /** Returns whether there are more values than {@link Slices#MOST_VALUES}. */
    public boolean hasTooMany() {
        return tooMany > 0;
    }

    public Slices of(RowMetrics metrics) {
        if (isSorted) {
            return Slices.of(column, names, numbers(value -> value), metrics);
        }
        int[] sizes = new int[names.size()];
        for (int row = 0; row < rows; row++) {
            if (values[row] >= 0) {
                sizes[values[row]]++;
            }
        }
        List<Integer> order = IntStream.range(0, names.size())
                .boxed()
                .sorted(Comparator.<Integer>comparingInt(value -> -sizes[value]).thenComparing(names::get))
                .toList();
        int[] places = new int[names.size()];
        for (int place = 0; place < places.length; place++) {
            places[order.get(place)] = place;
        }
        return Slices.of(column, order.stream().map(names::get).toList(), numbers(value -> places[value]), metrics);
    }

    /** Returns the place of the value of each row, -1 if it has none. */
    private int[] numbers(IntUnaryOperator place) {
        int[] numbers = new int[rows];
        for (int row = 0; row < rows; row++) {
            numbers[row] = values[row] < 0 ? -1 : place.applyAsInt(values[row]);
        }
        return numbers;
    }
}
