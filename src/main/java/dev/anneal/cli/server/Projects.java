package dev.anneal.cli.server;

import dev.anneal.cli.command.JsonOption;
import dev.anneal.cli.command.ListCommand;
import dev.anneal.cli.command.Listing;
import dev.anneal.cli.command.Session;
import dev.anneal.cli.http.Call;
import dev.anneal.cli.terminal.Fields;
import dev.anneal.cli.terminal.Shell;
import dev.anneal.cli.terminal.Table;
import dev.anneal.cli.terminal.Units;
import dev.anneal.json.Json;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The commands about projects: list them, create one. */
@Command(
        name = "projects",
        description = "List projects; create one.",
        footerHeading = "%nExamples:%n",
        footer = {"  ${COMMAND-FULL-NAME}", "  ${COMMAND-FULL-NAME} create search"})
public final class Projects extends ListCommand {
    public Projects(Session session) {
        super(
                session,
                "/projects",
                "project",
                "name",
                ">datasets",
                ">models",
                ">running",
                ">queued",
                ">size",
                "created");
    }

    @Override
    protected void row(Table table, JsonNode project) {
        table.row(
                Fields.text(project, "id"),
                Units.shorten(Fields.text(project, "name"), 30),
                Fields.count(project.path("usage"), "datasets"),
                Fields.count(project.path("usage"), "models"),
                Fields.count(project.path("usage"), "running_jobs"),
                Fields.count(project.path("usage"), "queued_jobs"),
                Units.bytes(Fields.whole(project.path("usage"), "storage_bytes")),
                Fields.time(project, "created_at"));
    }

    @Command(description = "List projects and what they use.")
    int list(@Mixin Listing listing) throws IOException, InterruptedException {
        return print(listing);
    }

    @Command(description = "Create a project.")
    int create(
            @Parameters(paramLabel = "ID", description = "Id of the project: lower-case letters, digits, dashes.")
                    String id,
            @Option(names = "--name", paramLabel = "NAME", description = "Name of the project (default: its id).")
                    @Nullable
                    String name,
            @Mixin JsonOption json)
            throws IOException, InterruptedException {
        ObjectNode body = Json.MAPPER.createObjectNode().put("id", id);
        if (name != null) {
            body.put("name", name);
        }
        JsonNode project = session.api().send(Call.post("/projects", body));
        return json.show(
                session,
                project,
                created -> session.terminal()
                        .line("Created the project " + Fields.text(created, "id") + ". Create a key for it: "
                                + Shell.anneal("keys create --name NAME --role editor", Map.of("--project", id))));
    }
}
