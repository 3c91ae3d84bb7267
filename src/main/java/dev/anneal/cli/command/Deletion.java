package dev.anneal.cli.command;

import dev.anneal.cli.http.Api;
import dev.anneal.cli.http.Call;
import dev.anneal.cli.terminal.Fields;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Deletes datasets, jobs or models by their ids or names. */
public final class Deletion {
    private Deletion() {}

    /** Looks all of them up before it deletes the first, so that a misspelt name deletes nothing. */
    public static int of(Session session, Lookup kind, List<String> idsOrNames)
            throws IOException, InterruptedException {
        Api api = session.api();
        List<JsonNode> found = new ArrayList<>();
        for (String idOrName : idsOrNames) {
            found.add(api.get(kind.path(api, idOrName)));
        }
        for (JsonNode each : found) {
            String id = Fields.text(each, "id");
            api.send(Call.delete(kind.path(id)));
            session.terminal().line("Deleted the " + kind.noun() + " " + Fields.text(each, "name") + " (" + id + ").");
        }
        return 0;
    }
}
