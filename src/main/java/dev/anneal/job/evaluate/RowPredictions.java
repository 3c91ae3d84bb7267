package dev.anneal.job.evaluate;

import dev.anneal.artifact.ArtifactStore;
import dev.anneal.artifact.ArtifactStore.Held;
import dev.anneal.files.GzipLines;
import dev.anneal.job.Job;
import dev.anneal.job.queue.JobKind;
import dev.anneal.job.queue.JobStatus;
import dev.anneal.json.Json;
import dev.anneal.web.Page;
import dev.anneal.web.Problem;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;
import tools.jackson.databind.JsonNode;

/** Reads the predictions of an evaluation, or of the models of a job's folds, a line at a time. */
@Component
class RowPredictions {
    /** A page ends once its rows have so many bytes. */
    private static final int PAGE_BYTES = 2 << 20;

    /** The time after which a search for rows ends. */
    private static final Duration SEARCH = Duration.ofSeconds(2);

    /**
     * A page.
     *
     * @param nextAfter the number after which the next page starts; null if nothing follows
     */
    record RowPage(
            List<JsonNode> data, boolean hasMore, @Nullable Long nextAfter) {}

    private final ArtifactStore store;
    private final long searchNanos;

    @Autowired
    RowPredictions(ArtifactStore store) {
        this(store, SEARCH);
    }

    RowPredictions(ArtifactStore store, Duration search) {
        this.store = store;
        this.searchNanos = search.toNanos();
    }

    /** Returns the predictions for the rows after a number, in their order. It looks at one row at least. */
    RowPage page(Job job, PredictionFilter filter, long after, int limit) throws IOException {
        List<JsonNode> rows = new ArrayList<>();
        // The number of the last row that was looked at, and the bytes of the page.
        long[] seen = {Page.after(after), 0};
        boolean[] more = {false};
        try (Held held = store.hold(artifact(job))) {
            long started = System.nanoTime(); // after the files were fetched
            new GzipLines(held.directory()).forEachAfter(after, line -> {
                JsonNode row = Json.MAPPER.readTree(line);
                long number = row.path("number").asLong();
                if (number <= after) {
                    return true;
                }
                boolean isFull = rows.size() == limit || seen[1] >= PAGE_BYTES;
                boolean isWanted = filter.isWanted(row);
                boolean isLate = seen[0] > after && System.nanoTime() - started > searchNanos;
                if (isFull && isWanted || isLate) {
                    more[0] = true;
                    return false;
                }
                seen[0] = number;
                if (isWanted) {
                    rows.add(row);
                    seen[1] += line.length();
                }
                return true;
            });
        }
        return new RowPage(rows, more[0], more[0] ? seen[0] : null);
    }

    /** Returns the predictions as JSON lines. */
    StreamingResponseBody lines(Job job) {
        String artifact = artifact(job);
        store.get(artifact); // before the answer begins
        return out -> forEach(artifact, out, (line, writer) -> {
            writer.write(line);
            writer.write('\n');
        });
    }

    /** Returns the predictions that a filter wants as CSV. */
    StreamingResponseBody csv(Job job, PredictionFilter filter) {
        String artifact = artifact(job);
        store.get(artifact); // before the answer begins
        return out -> {
            PredictionCsv csv = PredictionCsv.of(job, first(artifact));
            out.write(csv.header().getBytes(StandardCharsets.UTF_8));
            forEach(artifact, out, (line, writer) -> {
                JsonNode row = Json.MAPPER.readTree(line);
                if (filter.isWanted(row)) {
                    writer.write(csv.line(row));
                }
            });
        };
    }

    /** Returns the first row; a missing node if there is none. */
    private JsonNode first(String artifact) throws IOException {
        JsonNode[] first = {Json.MAPPER.missingNode()};
        try (Held held = store.hold(artifact)) {
            new GzipLines(held.directory()).forEachAfter(Long.MIN_VALUE, line -> {
                first[0] = Json.MAPPER.readTree(line);
                return false;
            });
        }
        return first[0];
    }

    /** Writes something for a line. */
    private interface LineWriter {
        void write(String line, Writer out) throws IOException;
    }

    private void forEach(String artifact, OutputStream out, LineWriter lines) throws IOException {
        Writer writer = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8), 1 << 16);
        try (Held held = store.hold(artifact)) {
            new GzipLines(held.directory()).forEachAfter(Long.MIN_VALUE, line -> {
                lines.write(line, writer);
                return true;
            });
        }
        writer.flush();
    }

    private static String withoutRows(Job job) {
        return job.spec().task().hasRowPredictions()
                ? "The evaluation was made by an older version, without predictions for rows. Create it again."
                : "The model predicts masked tokens, so it has no predictions for rows. Read the report.";
    }

    private static String artifact(Job job) {
        String artifact = job.predictions();
        if (artifact != null) {
            return artifact;
        }
        String noun = job.kind().noun();
        if (job.kind() == JobKind.training && job.spec().folds() == null) {
            throw Problem.conflict(
                    "no_predictions",
                    "The job has no folds, so it has no predictions for its training rows. Train with 'folds', or evaluate its model.");
        }
        throw Problem.conflict(
                "no_predictions",
                job.status() == JobStatus.succeeded
                        ? withoutRows(job)
                        : "The %s %s. Its predictions can be read once it succeeds."
                                .formatted(noun, job.status().words()));
    }
}
