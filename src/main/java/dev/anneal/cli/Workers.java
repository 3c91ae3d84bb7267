package dev.anneal.cli;

import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** The commands about workers: list, drain, undrain. */
final class Workers {
    static final Command LIST = new Command(
            "workers",
            "",
            "list workers and what they run, the last started first",
            List.of(Listing.LIMIT, Listing.JSON),
            Workers::list);
    static final Command DRAIN = new Command(
            "drain",
            "<worker>",
            "let a worker finish what it runs and take no more jobs",
            List.of(Listing.JSON),
            session -> set(session, "drain"));
    static final Command UNDRAIN = new Command(
            "undrain",
            "<worker>",
            "let a drained worker take jobs again",
            List.of(Listing.JSON),
            session -> set(session, "undrain"));

    private Workers() {}

    private static int list(Session session) throws IOException, InterruptedException {
        return Listing.print(
                session,
                "/workers",
                "",
                new Table("worker", "host", "status", ">busy", ">slots", "devices", "runs", "seen", "version"),
                (table, worker) -> table.row(
                        Fields.text(worker, "id"),
                        Fields.text(worker, "host"),
                        Fields.text(worker, "status"),
                        Fields.text(worker, "busy"),
                        Fields.text(worker, "slots"),
                        join(worker, "device"),
                        join(worker, "job"),
                        Fields.time(worker, "last_seen_at"),
                        Fields.text(worker, "version")));
    }

    private static String join(JsonNode worker, String field) {
        String joined = worker.path("devices")
                .valueStream()
                .map(device -> device.hasNonNull(field) ? Fields.text(device, field) : null)
                .filter(Objects::nonNull)
                .collect(Collectors.joining(" "));
        return joined.isEmpty() ? Fields.NONE : joined;
    }

    private static int set(Session session, String action) throws IOException, InterruptedException {
        String id = session.arguments().only("worker");
        JsonNode worker = session.api().send(Call.post("/workers/" + Call.segment(id) + "/" + action));
        if (session.json()) {
            session.print(worker);
        } else {
            long busy = Fields.whole(worker, "busy");
            session.terminal()
                    .line("The worker is " + Fields.text(worker, "status")
                            + (busy == 0 ? "." : " and runs " + busy + (busy == 1 ? " job." : " jobs.")));
        }
        return 0;
    }
}
