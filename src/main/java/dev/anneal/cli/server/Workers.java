package dev.anneal.cli.server;

import dev.anneal.cli.command.JsonOption;
import dev.anneal.cli.command.ListCommand;
import dev.anneal.cli.command.Session;
import dev.anneal.cli.http.Call;
import dev.anneal.cli.terminal.Fields;
import dev.anneal.cli.terminal.Table;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** The commands about workers: list, drain, undrain. */
@Command(name = "workers", description = "List workers and the jobs that they run.")
public final class Workers extends ListCommand {
    public Workers(Session session) {
        super(session, "/workers", "worker", "host", "status", ">busy", ">slots", "devices", "runs", "seen", "version");
    }

    @Override
    protected void row(Table table, JsonNode worker) {
        table.row(
                Fields.text(worker, "id"),
                Fields.text(worker, "host"),
                Fields.text(worker, "status"),
                Fields.text(worker, "busy"),
                Fields.text(worker, "slots"),
                join(worker, "device"),
                join(worker, "job"),
                Fields.time(worker, "last_seen_at"),
                Fields.text(worker, "version"));
    }

    private static String join(JsonNode worker, String field) {
        String joined = worker.path("devices")
                .valueStream()
                .filter(device -> device.hasNonNull(field))
                .map(device -> Fields.text(device, field))
                .collect(Collectors.joining(" "));
        return joined.isEmpty() ? Fields.NONE : joined;
    }

    private abstract static class Change implements Callable<Integer> {
        private final Session session;
        private final String operation;

        @Parameters(paramLabel = "WORKER", description = "Id of the worker.")
        private String worker;

        @Mixin
        private JsonOption json;

        Change(Session session, String operation) {
            this.session = session;
            this.operation = operation;
        }

        @Override
        public Integer call() throws IOException, InterruptedException {
            JsonNode changed = session.api().send(Call.post("/workers/" + Call.segment(worker) + operation));
            return json.show(session, changed, this::print);
        }

        private void print(JsonNode changed) {
            long busy = Fields.whole(changed, "busy");
            session.terminal()
                    .line("The worker is " + Fields.text(changed, "status")
                            + (busy == 0 ? "." : " and runs " + busy + (busy == 1 ? " job." : " jobs.")));
        }
    }

    @Command(name = "drain", description = "Let a worker finish its jobs and take no more.")
    public static final class Drain extends Change {
        public Drain(Session session) {
            super(session, "/drain");
        }
    }

    @Command(name = "undrain", description = "Let a drained worker take jobs again.")
    public static final class Undrain extends Change {
        public Undrain(Session session) {
            super(session, "/undrain");
        }
    }
}
