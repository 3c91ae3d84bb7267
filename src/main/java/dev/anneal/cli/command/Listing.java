package dev.anneal.cli.command;

import dev.anneal.cli.terminal.Table;
import java.io.IOException;
import java.util.function.BiConsumer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** The options of a list, and a page of it as a table. */
public final class Listing {
    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "20",
            description = "Most rows to show, up to 1000 (default: ${DEFAULT-VALUE}).")
    private int limit;

    @Mixin
    private JsonOption json;

    /**
     * @param filter more of the query, such as {@code &kind=base}, or nothing
     */
    public int print(Session session, String path, String filter, Table table, BiConsumer<Table, JsonNode> row)
            throws IOException, InterruptedException {
        JsonNode page = session.api().get(path + "?limit=" + limit + filter);
        if (json.isGiven()) {
            session.print(page);
            return 0;
        }
        if (page.path("data").isEmpty()) {
            session.terminal().line("None.");
            return 0;
        }
        page.path("data").forEach(item -> row.accept(table, item));
        table.print(session.terminal());
        if (page.path("has_more").asBoolean(false)) {
            session.terminal().line(session.terminal().dim("There are more. Raise --limit to see them."));
        }
        return 0;
    }
}
