package dev.anneal.cli;

import java.io.IOException;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** The commands that change a job that exists: pause, resume, cancel. */
final class JobChanges {
    static final Command PAUSE = new Command(
            "pause",
            "<job>",
            "pause a job at a checkpoint, which frees its worker",
            List.of(Listing.JSON),
            session -> change(session, "/pause"));
    static final Command RESUME = new Command(
            "resume",
            "<job>",
            "let a paused job go on from its checkpoint",
            List.of(Listing.JSON),
            session -> change(session, "/resume"));
    static final Command CANCEL = new Command(
            "cancel",
            "<job>",
            "cancel a job that has not ended",
            List.of(Option.flag("publish-best", "keep the best epoch so far as a model"), Listing.JSON),
            session -> change(session, session.arguments().has("publish-best") ? "/cancel?publish=best" : "/cancel"));

    private JobChanges() {}

    private static int change(Session session, String call) throws IOException, InterruptedException {
        String id = session.arguments().only("job");
        JsonNode job = session.api().send(Call.post(Jobs.path(id) + call));
        if (session.json()) {
            session.print(job);
            return 0;
        }
        session.terminal()
                .line(
                        job.path("pause_requested").asBoolean(false)
                                ? "The job writes a checkpoint, then it is paused."
                                : "The job is " + Fields.text(job, "status") + ".");
        if (job.hasNonNull("model")) {
            session.terminal().line("Model " + session.terminal().bold(Fields.text(job, "model")));
        }
        return 0;
    }
}
