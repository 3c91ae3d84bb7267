package dev.anneal.page;

import dev.anneal.report.html.Cell;
import dev.anneal.report.html.Html;
import dev.anneal.report.html.Table;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** The first rows of a dataset, and its statistics. */
final class DatasetContent {
    private DatasetContent() {}

    /** @param path the path of the dataset in the API */
    static void write(Html html, JsonNode rows, String path) {
        first(html, rows);
        statistics(html, path);
    }

    private static void first(Html html, JsonNode rows) {
        html.open("section").element("h2", "First rows");
        Table table = new Table(html, "First rows", ">row", "split", "content");
        for (JsonNode row : rows.path("data")) {
            String content = row.propertyStream()
                    .filter(field -> !Set.of("number", "split").contains(field.getKey()))
                    .map(field -> field.getKey() + ": "
                            + (field.getValue().isString()
                                    ? field.getValue().asString()
                                    : field.getValue().toString()))
                    .collect(Collectors.joining("\n"));
            table.row(Cell.count(row, "number"), Cell.name(row, "split"), Cell.words(content));
        }
        table.end();
        html.close("section");
    }

    /** Writes the place of the statistics, which take time for many rows, so a script asks for them. */
    private static void statistics(Html html, String path) {
        html.open("section", "id", "statistics", "data-path", "/ui" + path + "/statistics")
                .element("h2", "Statistics")
                .element("p", "The server counts…", "class", "note", "role", "status")
                .close("section");
    }
}
