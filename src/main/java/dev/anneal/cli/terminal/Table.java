package dev.anneal.cli.terminal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Rows in aligned columns; a column whose heading starts with {@code >} is aligned to the right. */
public final class Table {
    private static final String GAP = "  ";

    private final List<String> headings;
    private final List<Boolean> right;
    private final List<List<String>> rows = new ArrayList<>();

    public Table(String... headings) {
        this.right =
                Arrays.stream(headings).map(heading -> heading.startsWith(">")).toList();
        this.headings = Arrays.stream(headings)
                .map(heading -> heading.startsWith(">") ? heading.substring(1) : heading)
                .toList();
    }

    public Table row(String... cells) {
        rows.add(List.of(cells));
        return this;
    }

    public void print(Terminal terminal) {
        int[] widths = IntStream.range(0, headings.size()).map(this::width).toArray();
        terminal.line(terminal.dim(align(headings, widths)));
        rows.forEach(row -> terminal.line(align(row, widths)));
    }

    private int width(int column) {
        return Math.max(
                headings.get(column).length(),
                rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0));
    }

    private String align(List<String> cells, int[] widths) {
        return IntStream.range(0, cells.size())
                .mapToObj(column -> {
                    String space = " ".repeat(widths[column] - cells.get(column).length());
                    return right.get(column) ? space + cells.get(column) : cells.get(column) + space;
                })
                .collect(Collectors.joining(GAP))
                .stripTrailing();
    }
}
