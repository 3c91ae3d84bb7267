package dev.anneal.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;
import tools.jackson.databind.JsonNode;

/** The command that lists datasets, and the upload of a file. */
final class Datasets {
    static final Command LIST =
            new Command("datasets", "", "list datasets", List.of(Listing.LIMIT, Listing.JSON), Datasets::list);
    private static final long BIG = 1_000_000;

    private Datasets() {}

    private static int list(Session session) throws IOException, InterruptedException {
        Table table = new Table("dataset", "name", "status", "task", ">rows", ">labels", ">size", "created");
        return Listing.print(
                session,
                "/datasets",
                "",
                table,
                (rows, dataset) -> rows.row(
                        Fields.text(dataset, "id"),
                        Units.shorten(Fields.text(dataset, "name"), 30),
                        Fields.text(dataset, "status"),
                        Fields.text(dataset, "task"),
                        Fields.count(dataset, "row_count"),
                        Units.count(dataset.path("labels").size()),
                        Units.bytes(Fields.whole(dataset, "size_bytes")),
                        Fields.time(dataset, "created_at")));
    }

    /** Uploads a file, with a bar for one that takes a while, and says what the server made of it. */
    static JsonNode upload(Api api, Path file, Map<String, String> fields, Terminal terminal)
            throws IOException, InterruptedException {
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw new Failure("There is no readable file " + file + ".");
        }
        long size = Files.size(file);
        if (size > BIG) {
            // A server that refuses a big body hangs up in the middle of it; a wrong key is better told by a small
            // call.
            api.get("/datasets?limit=1");
        }
        JsonNode dataset = api.send(
                Call.upload("/datasets", Multipart.of(file, fields)), size > BIG ? bar(size, terminal) : sent -> {});
        JsonNode splits = dataset.path("splits");
        terminal.line("Dataset " + terminal.bold(Fields.text(dataset, "id")) + "   "
                + Fields.count(dataset, "row_count") + " rows"
                + labels(dataset.path("labels").size())
                + Fields.count(splits, "train") + " to train, " + Fields.count(splits, "validation") + " to validate, "
                + Fields.count(splits, "test") + " to test");
        return dataset;
    }

    private static String labels(int count) {
        return count == 0 ? ": " : ", " + count + " labels: ";
    }

    private static LongConsumer bar(long size, Terminal terminal) {
        AtomicInteger shown = new AtomicInteger(-1);
        return sent -> {
            int percent = (int) Math.min(100, 100 * sent / size);
            if (shown.getAndSet(percent) != percent) {
                String words = percent < 100
                        ? "uploading " + Units.bytes(sent) + " of " + Units.bytes(size)
                        : "waiting while the server checks the rows";
                terminal.live(Bar.of(percent / 100.0, words, terminal));
            }
        };
    }
}
