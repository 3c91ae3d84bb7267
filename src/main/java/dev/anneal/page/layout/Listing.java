package dev.anneal.page.layout;

import dev.anneal.page.api.Api;
import dev.anneal.report.html.Cell;
import dev.anneal.report.html.Html;
import dev.anneal.report.html.Table;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A list of the API: the choice of what it shows, a table or what to do if it is empty, and the links to its other pages. */
public final class Listing {
    private final Html html;
    private final String noun;
    private final String path;
    private final JsonNode page;
    private final @Nullable String after;
    private String query = "";
    private @Nullable String chosen;

    /**
     * Begins a list.
     *
     * @param noun one of what it lists, such as {@code job}
     * @param page the answer of the API
     * @param after the id after which the page begins, or null for the first page
     */
    public Listing(Html html, String noun, JsonNode page, @Nullable String after) {
        this.html = html;
        this.noun = noun;
        this.path = "/ui/" + noun + "s";
        this.page = page;
        this.after = after;
    }

    /** Returns the value of a filter that a request chose, or null if it chose all. */
    public static @Nullable String wanted(@Nullable String value) {
        return value == null || value.isEmpty() ? null : value;
    }

    /** Writes the choice of what the list shows. It changes nothing, so it is a form with GET. */
    public void filter(String field, String label, List<String> values, @Nullable String wanted) {
        chosen = wanted;
        query = wanted == null ? "" : field + Api.path("=%s", wanted);
        html.open("form", "method", "get", "action", path, "class", "filter");
        html.element("label", label, "for", field).open("select", "id", field, "name", field);
        html.element("option", "all", "value", "");
        for (String value : values) {
            html.element("option", value, "value", value, "selected", value.equals(wanted) ? "" : null);
        }
        html.close("select").element("button", "Show", "type", "submit").close("form");
    }

    public boolean isEmpty() {
        return page.path("data").isEmpty();
    }

    /**
     * Writes a table with a row for each object.
     *
     * @param first what to do if there is none at all
     */
    public void table(String caption, List<String> columns, Function<JsonNode, Cell[]> row, String first) {
        if (isEmpty()) {
            Words.empty(
                    html,
                    after != null
                            ? "No more " + noun + "s follow."
                            : chosen != null ? "No " + noun + " is " + chosen + "." : first);
            return;
        }
        Table table = new Table(html, caption, columns.toArray(String[]::new));
        page.path("data").forEach(each -> table.row(row.apply(each)));
        table.end();
    }

    public void pages() {
        Words.pages(html, page, path, query, after);
    }
}
