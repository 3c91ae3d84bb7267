package dev.anneal.cli.job;

import dev.anneal.cli.http.Api;
import dev.anneal.cli.http.Call;
import dev.anneal.cli.http.EventStream;
import dev.anneal.cli.terminal.Failure;
import dev.anneal.cli.terminal.Fields;
import dev.anneal.cli.terminal.Interrupts;
import dev.anneal.cli.terminal.Shell;
import dev.anneal.cli.terminal.Terminal;
import dev.anneal.cli.view.ComputedProgress;
import dev.anneal.cli.view.JobText;
import java.io.IOException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** An evaluation or a prediction that the server computes, followed to its end. */
public record ComputedRun(Api api, String kind, JsonNode created) {
    /**
     * Creates one.
     *
     * @param kind evaluation or prediction
     */
    public static ComputedRun create(Api api, String kind, ObjectNode request)
            throws IOException, InterruptedException {
        return new ComputedRun(api, kind, api.send(Call.post("/" + kind + "s", request)));
    }

    public String id() {
        return Fields.text(created, "id");
    }

    public String path() {
        return "/" + kind + "s/" + Call.segment(id());
    }

    private String lost() {
        return "The " + kind + " may still be running. "
                + (kind.equals("evaluation")
                        ? "See its report once it has ended: " + Shell.anneal("report " + id())
                        : "Give the command again once the server answers.");
    }

    /** Shows the progress and returns the result. Throws if there is none. Ctrl-C ends the following, and nothing else. */
    public JsonNode toEnd(Terminal terminal) throws IOException, InterruptedException {
        try (Interrupts interrupts = Interrupts.call(() -> {
            terminal.close();
            terminal.error("The " + kind + " " + id() + " is still running.");
        })) {
            EventStream.of(api, path() + "/events", lost(), terminal::status).read(new ComputedProgress(terminal));
        }
        JsonNode ended = api.get(path());
        if (!Fields.text(ended, "status").equals("succeeded")) {
            throw new Failure("The " + kind + " "
                    + (Fields.text(ended, "status").equals("failed") ? "failed" : "was cancelled")
                    + (ended.hasNonNull("error") ? ". " + JobText.error(ended) : "."));
        }
        return ended;
    }
}
