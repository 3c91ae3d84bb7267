package dev.anneal.cli;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** The command about a job's checkpoints: which there are, and making a model of one. */
final class Checkpoints {
    static final Command COMMAND = new Command(
            "checkpoints",
            "<job>",
            "list a job's checkpoints, or publish one as a model",
            List.of(new Option("publish", "STEP", "make a model of the checkpoint at this step"), Listing.JSON),
            Checkpoints::run);

    private Checkpoints() {}

    private static int run(Session session) throws IOException, InterruptedException {
        String path = Jobs.path(session.arguments().only("job")) + "/checkpoints";
        Optional<String> step = session.arguments().value("publish");
        return step.isPresent() ? publish(session, path, step.get()) : list(session, path);
    }

    private static int publish(Session session, String path, String step) throws IOException, InterruptedException {
        JsonNode model = session.api().send(Call.post(path + "/" + Call.segment(step) + "/publish"));
        if (session.json()) {
            session.print(model);
        } else {
            session.terminal().line("Model " + session.terminal().bold(Fields.text(model, "id")));
        }
        return 0;
    }

    private static int list(Session session, String path) throws IOException, InterruptedException {
        JsonNode page = session.api().get(path);
        if (session.json()) {
            session.print(page);
            return 0;
        }
        if (page.path("data").isEmpty()) {
            session.terminal().line("None.");
            return 0;
        }
        Table table = new Table(">step", ">epoch", "written", ">attempt", ">size", "model", ">metric", "created");
        page.path("data")
                .forEach(checkpoint -> table.row(
                        Fields.text(checkpoint, "step"),
                        Fields.text(checkpoint, "epoch"),
                        Fields.text(checkpoint, "reason"),
                        Fields.text(checkpoint, "attempt"),
                        Units.bytes(Fields.whole(checkpoint, "size_bytes")),
                        model(checkpoint),
                        metric(checkpoint),
                        Fields.time(checkpoint, "created_at")));
        table.print(session.terminal());
        return 0;
    }

    private static String model(JsonNode checkpoint) {
        return checkpoint.path("best").asBoolean(false)
                ? "best"
                : checkpoint.path("has_model").asBoolean(false) ? "yes" : Fields.NONE;
    }

    private static String metric(JsonNode checkpoint) {
        return checkpoint.hasNonNull("value")
                ? Fields.text(checkpoint, "metric") + " " + Fields.decimal(checkpoint, "value", 4)
                : Fields.NONE;
    }
}
