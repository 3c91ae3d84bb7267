package dev.anneal.cli.dataset;

import dev.anneal.cli.command.Lookup;
import dev.anneal.cli.http.Api;
import dev.anneal.cli.http.Problem;
import dev.anneal.cli.terminal.Failure;
import dev.anneal.cli.terminal.Fields;
import dev.anneal.cli.terminal.Interrupts;
import dev.anneal.cli.terminal.ProgressBar;
import dev.anneal.cli.terminal.Shell;
import dev.anneal.cli.terminal.Terminal;
import dev.anneal.cli.terminal.Units;
import java.io.IOException;
import tools.jackson.databind.JsonNode;

/** Waits until the server has checked the rows of a dataset, or has made those of a version, and shows how far it is. */
final class ValidationProgress {
    private static final long POLL_MILLIS = 500;
    /** A server that restarts has so many polls to answer again. */
    private static final int PATIENCE = 240;

    private ValidationProgress() {}

    /** Returns the dataset once it is ready. Throws if it is rejected. */
    static JsonNode await(Api api, JsonNode received, Terminal terminal) throws IOException, InterruptedException {
        String id = Fields.text(received, "id");
        String work = received.hasNonNull("parent") ? "makes" : "checks";
        JsonNode dataset = received;
        if (isValidating(dataset)) {
            try (Interrupts interrupts = Interrupts.call(() -> {
                terminal.close();
                terminal.error("The server still " + work + " the rows. See: " + Shell.anneal("dataset " + id));
            })) {
                while (isValidating(dataset)) {
                    show(dataset.path("progress"), terminal);
                    Thread.sleep(POLL_MILLIS);
                    dataset = get(api, id, terminal);
                }
            }
        }
        if (Fields.text(dataset, "status").equals("rejected")) {
            throw Problem.rejected(
                    id,
                    dataset.hasNonNull("parent"),
                    api.get(Lookup.DATASET.path(id) + "/problems?severity=error")
                            .path("data"),
                    api.options());
        }
        return dataset;
    }

    private static boolean isValidating(JsonNode dataset) {
        return Fields.text(dataset, "status").equals("validating");
    }

    private static JsonNode get(Api api, String id, Terminal terminal) throws IOException, InterruptedException {
        for (int failures = 0; ; failures++) {
            try {
                return api.get(Lookup.DATASET.path(id));
            } catch (Problem refused) {
                if (!refused.mayPass() || failures > PATIENCE) {
                    throw refused;
                }
            } catch (Failure | IOException unreachable) {
                if (failures > PATIENCE) {
                    throw new Failure("Connection lost. The server may still work on the rows. See: "
                            + Shell.anneal("dataset " + id));
                }
            }
            if (failures == 0) {
                terminal.status("connection lost, reconnecting");
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    private static void show(JsonNode progress, Terminal terminal) {
        if (Fields.text(progress, "phase").equals("fetching")) {
            showFetching(Fields.whole(progress, "read_bytes"), Fields.whole(progress, "total_bytes"), terminal);
            return;
        }
        long read = Fields.whole(progress, "read_bytes");
        String rows = ", " + Fields.count(progress, "row_count") + " rows";
        if (!progress.hasNonNull("total_bytes")) { // a version
            terminal.live("the server makes the rows" + rows);
            return;
        }
        long total = Math.max(1, Fields.whole(progress, "total_bytes"));
        String words =
                (read < total ? "checking " + Units.bytes(read) + " of " + Units.bytes(total) : "checking") + rows;
        terminal.live(ProgressBar.of((double) read / total, words, terminal));
    }

    /** Shows how much of the files the server has fetched. The total is 0 if the source does not tell it. */
    private static void showFetching(long read, long total, Terminal terminal) {
        String words = "the server fetches the files, " + Units.bytes(read);
        terminal.live(
                total == 0
                        ? words
                        : ProgressBar.of((double) read / total, words + " of " + Units.bytes(total), terminal));
    }
}
