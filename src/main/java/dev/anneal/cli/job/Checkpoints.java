package dev.anneal.cli.job;

import dev.anneal.cli.command.JsonOption;
import dev.anneal.cli.command.Lookup;
import dev.anneal.cli.command.Session;
import dev.anneal.cli.http.Api;
import dev.anneal.cli.http.Call;
import dev.anneal.cli.terminal.Fields;
import dev.anneal.cli.terminal.Table;
import dev.anneal.cli.terminal.Units;
import dev.anneal.cli.view.Metrics;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** The command about a job's checkpoints: lists them, or publishes one as a model. */
@Command(
        name = "checkpoints",
        description = "List the checkpoints of a job, or publish one as a model.",
        footerHeading = "%nExamples:%n",
        footer = {"  ${COMMAND-FULL-NAME} reviews-1", "  ${COMMAND-FULL-NAME} reviews-1 --publish 64"})
public final class Checkpoints implements Callable<Integer> {
    @Parameters(paramLabel = "JOB", description = "Id or name of the job.")
    private String job;

    @Option(names = "--publish", paramLabel = "STEP", description = "Make a model of the checkpoint at this step.")
    private @Nullable Integer step;

    @Mixin
    private JsonOption json;

    private final Session session;

    public Checkpoints(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Api api = session.api();
        String path = Lookup.JOB.path(api, job) + "/checkpoints";
        JsonNode answer = step == null ? api.get(path) : api.send(Call.post(path + "/" + step + "/publish"));
        if (json.isGiven()) {
            session.print(answer);
        } else if (step != null) {
            session.terminal().line("Model " + session.terminal().bold(Fields.text(answer, "id")));
        } else {
            print(answer.path("data"));
        }
        return 0;
    }

    private void print(JsonNode checkpoints) {
        if (checkpoints.isEmpty()) {
            session.terminal().line("None.");
            return;
        }
        Table table = new Table(">step", ">epoch", "written", ">attempt", ">size", "model", ">metric", "created");
        checkpoints.forEach(checkpoint -> table.row(
                Fields.text(checkpoint, "step"),
                Fields.text(checkpoint, "epoch"),
                Fields.text(checkpoint, "reason"),
                Fields.text(checkpoint, "attempt"),
                Units.bytes(Fields.whole(checkpoint, "size_bytes")),
                model(checkpoint),
                metric(checkpoint),
                Fields.time(checkpoint, "created_at")));
        table.print(session.terminal());
    }

    private static String model(JsonNode checkpoint) {
        return checkpoint.path("best").asBoolean(false)
                ? "best"
                : checkpoint.path("has_model").asBoolean(false) ? "yes" : Fields.NONE;
    }

    private static String metric(JsonNode checkpoint) {
        return checkpoint.hasNonNull("value")
                ? Metrics.name(Fields.text(checkpoint, "metric")) + " " + Fields.decimal(checkpoint, "value", 4)
                : Fields.NONE;
    }
}
