package dev.anneal.page;

import dev.anneal.page.api.Api;
import dev.anneal.page.layout.Words;
import dev.anneal.report.html.Cell;
import dev.anneal.report.html.Html;
import dev.anneal.report.html.Numbers;
import dev.anneal.report.html.Table;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** The datasets that a dataset was made of, and those that were made of it. */
final class DatasetFamily {
    private DatasetFamily() {}

    static void write(Html html, String id, JsonNode versions, JsonNode lineage) {
        if (versions.isEmpty() && lineage.size() < 2) {
            return;
        }
        html.open("section").element("h2", "Versions and lineage");
        Table table = new Table(
                html,
                "Datasets that this one was made of, or that were made of it",
                "dataset",
                "relation",
                ">rows",
                "changes");
        for (JsonNode version : versions) {
            relative(table, version, "made of this one");
        }
        for (JsonNode ancestor : lineage) {
            if (!ancestor.path("id").asString().equals(id)) {
                relative(table, ancestor, "this one was made of it");
            }
        }
        table.end();
        html.close("section");
    }

    private static void relative(Table table, JsonNode other, String relation) {
        String changes = other.path("changes")
                .valueStream()
                .map(change -> change.path("step")
                        .path("type")
                        .asString(change.path("type").asString("")))
                .filter(type -> !type.isEmpty())
                .collect(Collectors.joining(", "));
        table.row(
                Words.link(
                        Api.path("/ui/datasets/%s", other.path("id").asString()),
                        other.path("name").asString()),
                Cell.of(relation),
                Cell.count(other, "row_count"),
                Cell.name(changes.isEmpty() ? Numbers.NONE : changes));
    }
}
