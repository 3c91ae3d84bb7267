package dev.anneal.cli.job;

import dev.anneal.cli.command.JsonOption;
import dev.anneal.cli.command.Lookup;
import dev.anneal.cli.command.Session;
import dev.anneal.cli.http.Api;
import dev.anneal.cli.http.Call;
import dev.anneal.cli.terminal.Fields;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** The commands that change the course of a job: pause, resume, cancel. */
public final class JobChanges {
    private JobChanges() {}

    private abstract static class Change implements Callable<Integer> {
        private final Session session;

        @Parameters(paramLabel = "JOB", description = "Id or name of the job.")
        private String job;

        @Mixin
        private JsonOption json;

        Change(Session session) {
            this.session = session;
        }

        abstract String operation();

        @Override
        public Integer call() throws IOException, InterruptedException {
            Api api = session.api();
            JsonNode changed = api.send(Call.post(Lookup.JOB.path(api, job) + operation()));
            return json.show(session, changed, this::print);
        }

        private void print(JsonNode changed) {
            session.terminal()
                    .line(
                            changed.path("pause_requested").asBoolean(false)
                                    ? "The job will be paused once it has written a checkpoint."
                                    : "The job is " + Fields.text(changed, "status") + ".");
            if (changed.hasNonNull("model")) {
                session.terminal().line("Model " + session.terminal().bold(Fields.text(changed, "model")));
            }
        }
    }

    @Command(name = "pause", description = "Pause a job at a checkpoint, which frees its worker.")
    public static final class Pause extends Change {
        public Pause(Session session) {
            super(session);
        }

        @Override
        String operation() {
            return "/pause";
        }
    }

    @Command(name = "resume", description = "Resume a paused job from its checkpoint.")
    public static final class Resume extends Change {
        public Resume(Session session) {
            super(session);
        }

        @Override
        String operation() {
            return "/resume";
        }
    }

    @Command(name = "cancel", description = "Cancel a job that has not ended.")
    public static final class Cancel extends Change {
        @Option(names = "--publish-best", description = "Publish the best epoch so far as a model.")
        private boolean publishBest;

        public Cancel(Session session) {
            super(session);
        }

        @Override
        String operation() {
            return publishBest ? "/cancel?publish=best" : "/cancel";
        }
    }
}
