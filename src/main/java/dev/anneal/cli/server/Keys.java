package dev.anneal.cli.server;

import dev.anneal.cli.command.JsonOption;
import dev.anneal.cli.command.ListCommand;
import dev.anneal.cli.command.Listing;
import dev.anneal.cli.command.Lookup;
import dev.anneal.cli.command.Session;
import dev.anneal.cli.http.Api;
import dev.anneal.cli.http.Call;
import dev.anneal.cli.terminal.Fields;
import dev.anneal.cli.terminal.Shell;
import dev.anneal.cli.terminal.Table;
import dev.anneal.cli.terminal.Units;
import dev.anneal.json.Json;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The commands about keys: list them, create one, revoke one. */
@Command(
        name = "keys",
        description = "List keys; create one; revoke one.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  ${COMMAND-FULL-NAME} create --name ci --role editor --project search --days 90",
            "  ${COMMAND-FULL-NAME} revoke ci"
        })
public final class Keys extends ListCommand {
    public Keys(Session session) {
        super(session, "/keys", "key", "name", "role", "project", "secret", "last used", "expires", "revoked");
    }

    @Override
    protected void row(Table table, JsonNode key) {
        table.row(
                Fields.text(key, "id"),
                Units.shorten(Fields.text(key, "name"), 30),
                Fields.text(key, "role"),
                Fields.text(key, "project"),
                Fields.text(key, "prefix") + "…" + Fields.text(key, "last_four"),
                Fields.time(key, "last_used_at"),
                Fields.time(key, "expires_at"),
                Fields.time(key, "revoked_at"));
    }

    @Command(description = "List keys, also revoked and expired ones.")
    int list(@Mixin Listing listing) throws IOException, InterruptedException {
        return print(listing);
    }

    @Command(description = "Create a key and print its secret, which is shown only once.")
    int create(
            @Option(names = "--name", required = true, paramLabel = "NAME", description = "What the key is for.")
                    String name,
            @Option(
                            names = "--role",
                            paramLabel = "ROLE",
                            defaultValue = "viewer",
                            description = "viewer, editor or admin (default: ${DEFAULT-VALUE}).")
                    String role,
            @Option(
                            names = "--days",
                            paramLabel = "N",
                            description = "Days until the key expires (default: it does not expire).")
                    @Nullable
                    Integer days,
            @Mixin JsonOption json)
            throws IOException, InterruptedException {
        ObjectNode body = Json.MAPPER.createObjectNode().put("name", name).put("role", role);
        session.project().ifPresent(project -> body.put("project", project));
        if (days != null) {
            body.put("expires_in_days", days);
        }
        JsonNode key = session.api().send(Call.post("/keys", body));
        return json.show(session, key, created -> {
            session.terminal().line(Fields.text(created, "secret"));
            session.terminal()
                    .error("Store the key now, it is not shown again. Revoke it: "
                            + Shell.anneal("keys revoke " + Fields.text(created, "id")));
        });
    }

    @Command(description = "Revoke a key. It is refused from the next call on.")
    int revoke(@Parameters(paramLabel = "KEY", description = "Id or name of the key.") String key)
            throws IOException, InterruptedException {
        Api api = session.api();
        String id = Lookup.KEY.id(api, key);
        api.send(Call.delete(Lookup.KEY.path(id)));
        session.terminal().line("The key " + id + " is revoked.");
        return 0;
    }
}
