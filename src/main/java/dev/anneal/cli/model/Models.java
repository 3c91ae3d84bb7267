package dev.anneal.cli.model;

import dev.anneal.cli.command.Deletion;
import dev.anneal.cli.command.ListCommand;
import dev.anneal.cli.command.Lookup;
import dev.anneal.cli.command.Session;
import dev.anneal.cli.http.Call;
import dev.anneal.cli.terminal.Fields;
import dev.anneal.cli.terminal.Table;
import dev.anneal.cli.terminal.Units;
import dev.anneal.cli.view.Metrics;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** The commands about models: list them, delete some. */
@Command(
        name = "models",
        description = "List base models and fine-tuned models; delete some.",
        footerHeading = "%nExamples:%n",
        footer = {"  ${COMMAND-FULL-NAME} --kind base", "  ${COMMAND-FULL-NAME} delete reviews-1"})
public final class Models extends ListCommand {
    @Option(names = "--kind", paramLabel = "KIND", description = "Only base, or only fine-tuned models (default: all).")
    private @Nullable String kind;

    public Models(Session session) {
        super(
                session,
                "/models",
                "model",
                "name",
                "kind",
                "status",
                "architecture",
                ">parameters",
                ">size",
                ">metric",
                "created");
    }

    @Override
    protected String filter() {
        return kind == null ? "" : "&kind=" + Call.segment(kind);
    }

    @Override
    protected void row(Table table, JsonNode model) {
        table.row(
                Fields.text(model, "id"),
                Units.shorten(Fields.text(model, "name"), 30),
                Fields.text(model, "kind"),
                model.path("health").isObject()
                        ? Fields.text(model.path("health"), "state")
                        : Fields.text(model, "status"),
                Fields.text(model, "architecture"),
                Fields.count(model, "parameters"),
                model.hasNonNull("size_bytes") ? Units.bytes(Fields.whole(model, "size_bytes")) : Fields.NONE,
                Metrics.first(model.path("metrics")),
                Fields.time(model, "created_at"));
    }

    @Command(description = "Delete models and their files. An import that is running is cancelled.")
    int delete(
            @Parameters(paramLabel = "MODEL", arity = "1..*", description = "Ids or names of the models.")
                    List<String> models)
            throws IOException, InterruptedException {
        return Deletion.of(session, Lookup.MODEL, models);
    }
}
