package dev.anneal.cli;

import dev.anneal.cli.http.Api;
import dev.anneal.cli.http.Call;
import dev.anneal.cli.terminal.Fields;
import dev.anneal.cli.terminal.Table;
import dev.anneal.cli.terminal.Units;
import dev.anneal.cli.view.Metrics;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** The commands about models: list them, delete one. */
@Command(
        name = "models",
        description = "List base models and fine-tuned models; delete one.",
        footerHeading = "%nExamples:%n",
        footer = {"  ${COMMAND-FULL-NAME} --kind base", "  ${COMMAND-FULL-NAME} delete reviews-1"})
final class Models implements Callable<Integer> {
    @Option(names = "--kind", paramLabel = "KIND", description = "Only base, or only fine-tuned models (default: all).")
    private String kind;

    @Mixin
    private Listing listing;

    private final Session session;

    Models(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Table table = new Table(
                "model", "name", "kind", "status", "architecture", ">parameters", ">size", ">metric", "created");
        return listing.print(
                session,
                "/models",
                kind == null ? "" : "&kind=" + Call.segment(kind),
                table,
                (rows, model) -> rows.row(
                        Fields.text(model, "id"),
                        Units.shorten(Fields.text(model, "name"), 30),
                        Fields.text(model, "kind"),
                        Fields.text(model, "status"),
                        Fields.text(model, "architecture"),
                        Fields.count(model, "parameters"),
                        model.hasNonNull("size_bytes") ? Units.bytes(Fields.whole(model, "size_bytes")) : Fields.NONE,
                        Metrics.first(model.path("metrics")),
                        Fields.time(model, "created_at")));
    }

    @Command(description = "Delete a model and its files. An import that is running is cancelled.")
    int delete(@Parameters(paramLabel = "MODEL", description = "Id or name of the model.") String model)
            throws IOException, InterruptedException {
        Api api = session.api();
        String path = Lookup.MODEL.path(api, model);
        JsonNode named = api.get(path);
        api.send(Call.delete(path));
        session.terminal()
                .line("Deleted the model " + Fields.text(named, "name") + " (" + Fields.text(named, "id") + ").");
        return 0;
    }
}
