package dev.anneal.cli;

import java.io.IOException;
import java.util.function.BiConsumer;
import tools.jackson.databind.JsonNode;

/** A page of things as a table, or as the server's JSON. */
final class Listing {
    static final Option LIMIT = new Option("limit", "N", "how many at most (20)");
    static final Option JSON = Option.flag("json", "print the server's JSON");

    private Listing() {}

    static int print(Session session, String path, String filter, Table table, BiConsumer<Table, JsonNode> row)
            throws IOException, InterruptedException {
        session.arguments().noOperands();
        String limit = session.arguments().value("limit").orElse("20");
        JsonNode page = session.api().get(path + "?limit=" + Call.segment(limit) + filter);
        if (session.json()) {
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
            session.terminal().line(session.terminal().dim("There are more; see them with --limit."));
        }
        return 0;
    }
}
