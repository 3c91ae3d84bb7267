package dev.anneal.page.layout;

import dev.anneal.report.html.Html;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The choice of what a list shows. It changes nothing, so it is a form with GET. */
public final class Filter {
    private Filter() {}

    public static void write(
            Html html, String path, String field, String label, List<String> values, @Nullable String chosen) {
        html.open("form", "method", "get", "action", path, "class", "filter");
        html.element("label", label, "for", field).open("select", "id", field, "name", field);
        html.element("option", "all", "value", "");
        for (String value : values) {
            html.element("option", value, "value", value, "selected", value.equals(chosen) ? "" : null);
        }
        html.close("select").element("button", "Show", "type", "submit").close("form");
    }
}
