package dev.anneal.dataset;

import dev.anneal.dataset.file.ProblemView;
import dev.anneal.dataset.file.Severity;
import dev.anneal.dataset.file.UploadRequest;
import dev.anneal.role.ForRole;
import dev.anneal.security.Caller;
import dev.anneal.text.Ids;
import dev.anneal.web.FormFields;
import dev.anneal.web.Idempotency;
import dev.anneal.web.Page;
import dev.anneal.web.Problem;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.URI;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Limit;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.multipart.MultipartFile;

@RestController
@ForRole("api")
@RequestMapping("/api/v1/datasets")
class DatasetController {
    private static final int SHOWN_PROBLEMS = 20;
    private static final List<String> FIELDS = List.of("file", "name", "task", "columns", "split");
    private static final Map<String, String> HINTS = UploadRequest.hints();

    private final Datasets datasets;
    private final DatasetUpload uploads;
    private final DatasetRows rows;
    private final DatasetStatistics statistics;
    private final DatasetDeletion deletion;
    private final Idempotency idempotency;
    // Each upload holds a connection while its file is read. The workers need some, too.
    private final Semaphore uploadSlots = new Semaphore(8);

    DatasetController(
            Datasets datasets,
            DatasetUpload uploads,
            DatasetRows rows,
            DatasetStatistics statistics,
            DatasetDeletion deletion,
            Idempotency idempotency) {
        this.datasets = datasets;
        this.uploads = uploads;
        this.rows = rows;
        this.statistics = statistics;
        this.deletion = deletion;
        this.idempotency = idempotency;
    }

    @PostMapping(consumes = "multipart/form-data")
    ResponseEntity<DatasetView> create(
            @RequestParam(name = "file", required = false) @Nullable MultipartFile sent,
            @RequestParam(required = false) @Nullable String name,
            @RequestParam(required = false) @Nullable String task,
            @RequestParam(required = false) @Nullable String columns,
            @RequestParam(required = false) @Nullable String split,
            @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key,
            HttpServletRequest form)
            throws IOException, ServletException {
        MultipartFile file = FormFields.file(form, sent, FIELDS, HINTS);
        UploadRequest request = UploadRequest.of(file, name, task, columns, split);
        if (!uploadSlots.tryAcquire()) {
            throw Problem.tooManyUploads();
        }
        try {
            return store(file, request, key);
        } finally {
            uploadSlots.release();
        }
    }

    private ResponseEntity<DatasetView> store(MultipartFile file, UploadRequest request, @Nullable String key)
            throws IOException {
        String id = idempotency.onceLong(
                key, "createDataset", () -> Idempotency.hash(request.toString(), file.getInputStream()), made -> {
                    try {
                        return uploads.upload(file, request, made).getId();
                    } catch (IOException | SQLException e) {
                        throw new IllegalStateException(e);
                    }
                });
        Dataset dataset = Idempotency.existing(
                key,
                "dataset",
                id,
                datasets.findByIdAndProject(id, Caller.current().project()));
        if (dataset.status() == Dataset.Status.rejected) {
            throw rejected(dataset);
        }
        return ResponseEntity.created(URI.create("/api/v1/datasets/" + id)).body(dataset.view());
    }

    private Problem rejected(Dataset dataset) {
        List<Problem.Error> errors = rows.problems(dataset.getId(), Severity.error, null, 0, SHOWN_PROBLEMS).stream()
                .limit(SHOWN_PROBLEMS)
                .map(p -> new Problem.Error(null, p.line(), p.column(), p.code(), p.message()))
                .toList();
        long count = dataset.view().problemCount();
        Problem.Error first = errors.get(0);
        return new Problem(
                HttpStatus.UNPROCESSABLE_CONTENT,
                count == 1 ? first.code() : "dataset_rejected",
                "%s: %s See all of them at /api/v1/datasets/%s/problems."
                        .formatted(
                                first.line() == null
                                        ? "The file cannot be used"
                                        : "%s. The first one, in line %d"
                                                .formatted(
                                                        count == 1
                                                                ? "One row has a problem"
                                                                : count + " rows have problems",
                                                        first.line()),
                                first.message(),
                                dataset.getId()),
                errors,
                Map.of("dataset", dataset.getId()));
    }

    @GetMapping
    Page<DatasetView> list(
            @RequestParam(defaultValue = "20") int limit, @RequestParam(defaultValue = Ids.LAST) String after) {
        return Page.of(
                datasets.findByProjectAndIdLessThanOrderByIdDesc(
                        Caller.current().project(),
                        Page.after(after, "ds", "dataset"),
                        Limit.of(Page.limit(limit) + 1)),
                limit,
                Dataset::view);
    }

    @GetMapping("/{id}")
    DatasetView get(@PathVariable String id) {
        return find(id).view();
    }

    @DeleteMapping("/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void delete(@PathVariable String id) {
        deletion.delete(find(id));
    }

    @GetMapping("/{id}/rows")
    Page<RowView> rows(
            @PathVariable String id,
            @RequestParam(required = false) @Nullable String split,
            @RequestParam(defaultValue = "20") int limit,
            @RequestParam(defaultValue = "0") long after) {
        if (split != null && !List.of("train", "validation", "test").contains(split)) {
            throw Problem.invalid("split", "unknown_split", "'split' must be train, validation or test.");
        }
        String dataset = find(id).getId();
        long from = Page.after(after, after > 0 ? rows.last(dataset) : 0, "row");
        return Page.of(rows.page(dataset, split, from, Page.limit(limit)), limit, row -> row);
    }

    @GetMapping("/{id}/problems")
    Page<ProblemView> problems(
            @PathVariable String id,
            @RequestParam(required = false) @Nullable String severity,
            @RequestParam(required = false) @Nullable String code,
            @RequestParam(defaultValue = "20") int limit,
            @RequestParam(defaultValue = "0") long after) {
        String dataset = find(id).getId();
        long from = Page.after(after, after > 0 ? rows.lastProblem(dataset) : 0, "problem");
        return Page.of(
                rows.problems(dataset, severity(severity), code, from, Page.limit(limit)), limit, problem -> problem);
    }

    private static @Nullable Severity severity(@Nullable String name) {
        if (name == null) {
            return null;
        }
        return Arrays.stream(Severity.values())
                .filter(severity -> severity.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () -> Problem.invalid("severity", "unknown_severity", "'severity' must be error or warning."));
    }

    @GetMapping("/{id}/statistics")
    DatasetStatistics.View statistics(@PathVariable String id) {
        return statistics.of(find(id).getId());
    }

    private Dataset find(String id) {
        return datasets.findByIdAndProject(id, Caller.current().project())
                .orElseThrow(() -> Problem.notFound("dataset", id));
    }
}
