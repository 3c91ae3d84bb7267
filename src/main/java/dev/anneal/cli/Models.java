package dev.anneal.cli;

import java.io.IOException;
import java.util.List;

/** The command that lists models. */
final class Models {
    static final Command LIST = new Command(
            "models",
            "",
            "list base models and fine-tuned models",
            List.of(new Option("kind", "KIND", "only base, or only fine-tuned models"), Listing.LIMIT, Listing.JSON),
            Models::list);

    private Models() {}

    private static int list(Session session) throws IOException, InterruptedException {
        String filter = session.arguments()
                .value("kind")
                .map(kind -> "&kind=" + Call.segment(kind))
                .orElse("");
        Table table = new Table(
                "model", "name", "kind", "status", "architecture", ">parameters", ">size", ">metric", "created");
        return Listing.print(
                session,
                "/models",
                filter,
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
}
