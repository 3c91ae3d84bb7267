package dev.anneal.report.html;

import java.util.List;
import java.util.Locale;

/**
 * A table with a caption. A column whose heading begins with {@code >} has numbers. The first cell of each row is the heading of the row.
 * A wide table scrolls by itself, also by the keys.
 */
public final class Table {
    private final Html html;
    private final List<String> columns;

    /** Begins a table. */
    public Table(Html html, String caption, String... columns) {
        this.html = html;
        this.columns = List.of(columns);
        html.open("div", "class", "scroll", "role", "group", "tabindex", "0", "aria-label", caption)
                .open("table")
                .open("caption")
                .element("span", caption)
                .close("caption")
                .open("thead")
                .open("tr");
        for (String column : columns) {
            boolean isNumber = column.startsWith(">");
            String name = isNumber ? column.substring(1) : column;
            if (name.isEmpty()) {
                html.element("td", "");
            } else {
                html.element("th", upper(name), "scope", "col", "class", isNumber ? "number" : null);
            }
        }
        html.close("tr").close("thead").open("tbody");
    }

    public void row(Cell... cells) {
        html.open("tr");
        for (int i = 0; i < cells.length; i++) {
            String element = i == 0 ? "th" : "td";
            html.open(
                    element,
                    "scope",
                    i == 0 ? "row" : null,
                    "class",
                    i < columns.size() && columns.get(i).startsWith(">") ? "number" : null);
            cells[i].write(html);
            html.close(element);
        }
        html.close("tr");
    }

    /** Ends the table. */
    public void end() {
        html.close("tbody").close("table").close("div");
    }

    private static String upper(String name) {
        return name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
    }
}
