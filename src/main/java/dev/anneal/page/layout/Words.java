package dev.anneal.page.layout;

import dev.anneal.report.html.Cell;
import dev.anneal.report.html.Html;
import dev.anneal.report.html.Numbers;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Short parts of pages: links, statuses, times, and notes. */
public final class Words {
    private Words() {}

    /** Returns a cell with a link whose text is the name that a user gave something. */
    public static Cell link(String href, String name) {
        return html -> html.open("a", "href", href, "id", "to" + href.replaceAll("[^A-Za-z0-9_]", "-"))
                .user(name, 80)
                .close("a");
    }

    public static Cell status(String status) {
        return html -> html.element("span", status, "class", "status " + status);
    }

    public static Cell time(JsonNode node, String field) {
        String time = node.path(field).asString("");
        return html -> {
            if (time.isEmpty()) {
                html.text(Numbers.NONE);
            } else {
                html.element("time", Numbers.time(Instant.parse(time)), "datetime", time);
            }
        };
    }

    /** Writes a paragraph that says what to do if a list is empty. */
    public static void empty(Html html, String text) {
        html.element("p", text, "class", "empty");
    }

    /** Writes the links to the first and the next page of a list. */
    public static void pages(Html html, JsonNode page, String path, String query, @Nullable String after) {
        pages(html, page, path, query, "id", after);
    }

    /** @param cursor the field of the last object after which the next page begins */
    public static void pages(
            Html html, JsonNode page, String path, String query, String cursor, @Nullable String after) {
        boolean hasMore = page.path("has_more").asBoolean(false);
        if (after == null && !hasMore) {
            return;
        }
        html.open("nav", "class", "pages", "aria-label", "Pages of the list");
        if (after != null) {
            html.element("a", "First page", "href", path + (query.isEmpty() ? "" : "?" + query));
        }
        if (hasMore) {
            JsonNode data = page.path("data");
            String last = data.get(data.size() - 1).path(cursor).asString();
            html.element(
                    "a",
                    "Next page",
                    "href",
                    path + "?" + (query.isEmpty() ? "" : query + "&") + "after=" + last,
                    "rel",
                    "next");
        }
        html.close("nav");
    }
}
