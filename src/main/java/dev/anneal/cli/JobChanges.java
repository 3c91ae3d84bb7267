package dev.anneal.cli;

import dev.anneal.cli.http.Api;
import dev.anneal.cli.http.Call;
import dev.anneal.cli.terminal.Fields;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** The commands that change the course of a job: pause, resume, cancel. */
final class JobChanges {
    private JobChanges() {}

    private abstract static class Change implements Callable<Integer> {
        private final Session session;

        @Parameters(paramLabel = "JOB", description = "Id or name of the job.")
        private String job;

        @Option(names = "--json", description = "Print the job as JSON.")
        private boolean json;

        Change(Session session) {
            this.session = session;
        }

        abstract String operation();

        @Override
        public Integer call() throws IOException, InterruptedException {
            Api api = session.api();
            JsonNode changed = api.send(Call.post(Lookup.JOB.path(api, job) + operation()));
            if (json) {
                session.print(changed);
                return 0;
            }
            session.terminal()
                    .line(
                            changed.path("pause_requested").asBoolean(false)
                                    ? "The job will be paused once it has written a checkpoint."
                                    : "The job is " + Fields.text(changed, "status") + ".");
            if (changed.hasNonNull("model")) {
                session.terminal().line("Model " + session.terminal().bold(Fields.text(changed, "model")));
            }
            return 0;
        }
    }

    @Command(name = "pause", description = "Pause a job at a checkpoint, which frees its worker.")
    static final class Pause extends Change {
        Pause(Session session) {
            super(session);
        }

        @Override
        String operation() {
            return "/pause";
        }
    }

    @Command(name = "resume", description = "Resume a paused job from its checkpoint.")
    static final class Resume extends Change {
        Resume(Session session) {
            super(session);
        }

        @Override
        String operation() {
            return "/resume";
        }
    }

    @Command(name = "cancel", description = "Cancel a job that has not ended.")
    static final class Cancel extends Change {
        @Option(names = "--publish-best", description = "Publish the best epoch so far as a model.")
        private boolean publishBest;

        Cancel(Session session) {
            super(session);
        }

        @Override
        String operation() {
            return publishBest ? "/cancel?publish=best" : "/cancel";
        }
    }
}
