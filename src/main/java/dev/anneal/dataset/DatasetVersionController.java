package dev.anneal.dataset;

import dev.anneal.dataset.rows.DatasetReader;
import dev.anneal.dataset.rows.RowLines;
import dev.anneal.dataset.rows.RowParquet;
import dev.anneal.dataset.validation.Validation;
import dev.anneal.dataset.validation.ValidationSettings;
import dev.anneal.dataset.validation.Validations;
import dev.anneal.dataset.version.RowSource;
import dev.anneal.json.Json;
import dev.anneal.role.ForRole;
import dev.anneal.security.Caller;
import dev.anneal.text.Ids;
import dev.anneal.text.Sha256;
import dev.anneal.web.Idempotency;
import dev.anneal.web.JsonFields;
import dev.anneal.web.Page;
import dev.anneal.web.PreferHeader;
import dev.anneal.web.Problem;
import dev.anneal.web.limit.DownloadLimit;
import java.io.BufferedOutputStream;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;
import tools.jackson.databind.JsonNode;

/** Versions of datasets, where they come from, and their rows as files. */
@RestController
@ForRole("api")
@RequestMapping("/api/v1/datasets/{id}")
class DatasetVersionController {
    private static final List<String> FORMATS = List.of("jsonl", "csv", "parquet");
    private static final List<String> LISTS = List.of("tokens", "messages");

    /** A lineage on the wire: the dataset, and those that it was made of. */
    record Lineage(List<Ancestor> data) {}

    private final Datasets datasets;
    private final DatasetVersions versions;
    private final DatasetReader reader;
    private final DatasetRows rows;
    private final Validations validations;
    private final DatasetAnswers answers;
    private final Idempotency idempotency;
    private final Duration usualWait;
    private final DownloadLimit downloads;

    DatasetVersionController(
            Datasets datasets,
            DatasetVersions versions,
            DatasetReader reader,
            DatasetRows rows,
            Validations validations,
            DatasetAnswers answers,
            Idempotency idempotency,
            ValidationSettings settings,
            DownloadLimit downloads) {
        this.datasets = datasets;
        this.versions = versions;
        this.reader = reader;
        this.rows = rows;
        this.validations = validations;
        this.answers = answers;
        this.idempotency = idempotency;
        this.usualWait = settings.maxWait();
        this.downloads = downloads;
    }

    @PostMapping("/versions")
    ResponseEntity<DatasetView> create(
            @PathVariable String id,
            @RequestBody JsonNode body,
            @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key,
            @RequestHeader(name = "Prefer", required = false) @Nullable String prefer)
            throws IOException {
        long begin = System.nanoTime();
        Duration wait = PreferHeader.wait(prefer, usualWait);
        Dataset parent = find(id);
        JsonFields fields = new JsonFields(body);
        String name = fields.name("name");
        JsonNode steps = fields.get("steps");
        fields.refuseUnknown();
        fields.done();
        Idempotency.Fingerprint hash = () -> Sha256.of(parent.getId() + Json.write(body));
        Optional<String> kept = idempotency.find(key, "createDatasetVersion", hash);
        if (kept.isPresent() && validations.find(kept.get()).isEmpty()) {
            return answers.answer(kept.get(), key); // however many datasets wait
        }
        String made;
        try (Validations.Place place = validations.take(Caller.current().project())) {
            made = idempotency.onceLong(key, "createDatasetVersion", hash, result -> {
                Validation validation = versions.register(parent, name, steps, wait.isZero(), result);
                validations.submit(validation, place);
                validation.await(wait);
                return validation.dataset();
            });
            // A repeated request waits with a place, too: each one that waits has a thread of the server.
            validations
                    .find(made)
                    .ifPresent(validation -> validation.join().await(wait.minusNanos(System.nanoTime() - begin)));
        }
        return answers.answer(made, key);
    }

    @GetMapping("/versions")
    Page<DatasetView> list(
            @PathVariable String id,
            @RequestParam(defaultValue = "20") int limit,
            @RequestParam(defaultValue = Ids.LAST) String after) {
        String ancestor = Json.write(List.of(Map.of("id", find(id).getId())));
        String project = Caller.current().project();
        return Page.read(
                Page.limit(limit),
                Page.after(after, "ds", "dataset"),
                (from, count) -> datasets.findByIdInOrderByIdDesc(datasets.descendants(project, ancestor, from, count)),
                Dataset::getId,
                found -> Dataset::view);
    }

    @GetMapping("/lineage")
    Lineage lineage(@PathVariable String id) {
        return new Lineage(Ancestor.lineage(find(id), Caller.current().project(), datasets));
    }

    @GetMapping("/export")
    ResponseEntity<StreamingResponseBody> export(
            @PathVariable String id,
            @RequestParam(defaultValue = "jsonl") String format,
            @RequestParam(required = false) @Nullable String split) {
        Dataset dataset = find(id).validated();
        if (dataset.status() != Dataset.Status.ready) {
            throw dataset.rejected(); // it has no rows
        }
        if (!FORMATS.contains(format)) {
            throw Problem.invalid("format", "unknown_format", "'format' must be jsonl, csv or parquet.");
        }
        if (split != null && !List.of("train", "validation", "test").contains(split)) {
            throw Problem.invalid("split", "unknown_split", "'split' must be train, validation or test.");
        }
        if (format.equals("csv") && LISTS.stream().anyMatch(dataset.columns()::containsKey)) {
            throw Problem.unprocessable(
                    "unsupported_format", "CSV cannot hold the lists of these rows. Export them as jsonl or parquet.");
        }
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_OCTET_STREAM) // generated clients know this type for files
                .header(
                        HttpHeaders.CONTENT_DISPOSITION,
                        "attachment; filename=\"" + dataset.getId() + "." + format + "\"")
                .body(downloads.count(Caller.current().project(), out -> write(dataset, split, format, out)));
    }

    private void write(Dataset dataset, @Nullable String split, String format, OutputStream out) throws IOException {
        RowSource source = reader.rows(dataset.getId(), split);
        OutputStream buffered = new BufferedOutputStream(out, 1 << 16);
        if (format.equals("parquet")) {
            List<String> columns = columns(dataset);
            List<String> keys = columns.contains("messages") ? rows.messageKeys(dataset.getId()) : List.of();
            new RowParquet(columns, keys, dataset.labelNames()).write(source, buffered);
        } else {
            writeLines(dataset, source, format.equals("csv"), buffered);
        }
        if (!datasets.existsById(dataset.getId())) { // its last rows may be missing, so the client must not see an end
            throw Problem.notFound("dataset", dataset.getId());
        }
        buffered.flush();
    }

    private List<String> columns(Dataset dataset) {
        return RowLines.columns(dataset.columns().keySet(), rows.keptColumns(dataset.getId()));
    }

    private void writeLines(Dataset dataset, RowSource source, boolean csv, OutputStream out) throws IOException {
        List<String> columns = columns(dataset);
        Writer writer = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
        if (csv) {
            writer.write(RowLines.header(columns));
        }
        source.forEach(row -> writer.write(csv ? RowLines.csv(row, columns) : RowLines.json(row)));
        writer.flush();
    }

    private Dataset find(String id) {
        return datasets.find(id, Caller.current().project())
                .orElseThrow(() -> datasets.missing(id, Caller.current().project()));
    }
}
