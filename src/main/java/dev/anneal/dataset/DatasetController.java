package dev.anneal.dataset;

import dev.anneal.dataset.file.ProblemView;
import dev.anneal.dataset.file.Severity;
import dev.anneal.dataset.file.UploadRequest;
import dev.anneal.dataset.file.UploadedFile;
import dev.anneal.role.ForRole;
import dev.anneal.security.Caller;
import dev.anneal.text.Ids;
import dev.anneal.text.Sha256;
import dev.anneal.web.FormFields;
import dev.anneal.web.Idempotency;
import dev.anneal.web.Page;
import dev.anneal.web.Problem;
import dev.anneal.web.limit.UploadSlots;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
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
import org.springframework.web.multipart.MultipartException;
import org.springframework.web.multipart.MultipartFile;
import org.springframework.web.multipart.MultipartHttpServletRequest;
import org.springframework.web.util.WebUtils;

@RestController
@ForRole("api")
@RequestMapping("/api/v1/datasets")
class DatasetController {
    private static final int SHOWN_PROBLEMS = 20;

    private final Datasets datasets;
    private final DatasetUpload uploads;
    private final DatasetRows rows;
    private final DatasetDeletion deletion;
    private final Idempotency idempotency;
    // Each upload holds a connection while its file is read. The workers need some, too.
    private final UploadSlots uploadSlots = new UploadSlots(8, 6);

    DatasetController(
            Datasets datasets,
            DatasetUpload uploads,
            DatasetRows rows,
            DatasetDeletion deletion,
            Idempotency idempotency) {
        this.datasets = datasets;
        this.uploads = uploads;
        this.rows = rows;
        this.deletion = deletion;
        this.idempotency = idempotency;
    }

    @PostMapping(consumes = "multipart/form-data")
    ResponseEntity<DatasetView> create(
            @RequestParam Map<String, String> fields,
            @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key,
            HttpServletRequest http)
            throws IOException, ServletException {
        MultipartHttpServletRequest form = WebUtils.getNativeRequest(http, MultipartHttpServletRequest.class);
        if (form == null) { // the client has disconnected, and Spring passes its request on as it is
            throw new MultipartException("the form is incomplete");
        }
        List<UploadedFile> files =
                files(FormFields.files(form, UploadRequest.FILES, UploadRequest.FIELDS, UploadRequest.hints()));
        UploadRequest request = UploadRequest.of(files.get(0).name(), fields);
        UploadChecks checks = UploadChecks.of(fields);
        try (UploadSlots.Slot slot = uploadSlots.take(Caller.current().project())) {
            return store(files, request, checks, key);
        }
    }

    @PostMapping(path = "/check", consumes = "multipart/form-data")
    CheckReport check(@RequestParam Map<String, String> fields, MultipartHttpServletRequest form)
            throws IOException, ServletException, SQLException {
        return report(fields, form);
    }

    @PostMapping(path = "/check.csv", consumes = "multipart/form-data")
    ResponseEntity<byte[]> checkAsCsv(@RequestParam Map<String, String> fields, MultipartHttpServletRequest form)
            throws IOException, ServletException, SQLException {
        return ProblemCsv.answer("problems", report(fields, form).problems());
    }

    /** Checks files and keeps nothing. */
    private CheckReport report(Map<String, String> fields, MultipartHttpServletRequest form)
            throws IOException, ServletException, SQLException {
        List<UploadedFile> files =
                files(FormFields.files(form, UploadRequest.FILES, UploadRequest.FIELDS, UploadRequest.hints()));
        UploadRequest request = UploadRequest.of(files.get(0).name(), fields);
        UploadChecks checks = UploadChecks.of(fields);
        try (UploadSlots.Slot slot = uploadSlots.take(Caller.current().project())) {
            return uploads.check(files, request, checks);
        }
    }

    private static List<UploadedFile> files(Map<String, List<MultipartFile>> sent) {
        List<UploadedFile> files = new ArrayList<>();
        sent.forEach((field, parts) -> parts.forEach(part -> files.add(new UploadedFile(
                part.getOriginalFilename() == null ? "" : part.getOriginalFilename(),
                field.equals("file") ? null : field,
                part::getInputStream))));
        return files;
    }

    /** Returns a hash of the request and of all bytes of its files. */
    private static String hash(List<UploadedFile> files, UploadRequest request, UploadChecks checks)
            throws IOException {
        StringBuilder text = new StringBuilder(request.toString());
        if (!checks.equals(UploadChecks.DEFAULT)) {
            text.append(checks);
        }
        for (UploadedFile file : files) {
            text.append('\n').append(file.split()).append(' ').append(file.name());
            try (InputStream in = file.content().open()) {
                text.append(' ').append(Idempotency.hash("", in));
            }
        }
        return Sha256.of(text.toString());
    }

    private ResponseEntity<DatasetView> store(
            List<UploadedFile> files, UploadRequest request, UploadChecks checks, @Nullable String key)
            throws IOException {
        String id = idempotency.onceLong(key, "createDataset", () -> hash(files, request, checks), made -> {
            try {
                return uploads.upload(files, request, checks, made).getId();
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
                .map(p -> new Problem.Error(null, p.line(), p.column(), p.code(), inFile(p.file(), p.message())))
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

    private static String inFile(@Nullable String file, String message) {
        return file == null ? message : "In '%s': %s".formatted(Problem.quote(file), message);
    }

    @GetMapping
    Page<DatasetView> list(
            @RequestParam(defaultValue = "20") int limit, @RequestParam(defaultValue = Ids.LAST) String after) {
        String project = Caller.current().project();
        return Page.read(
                Page.limit(limit),
                Page.after(after, "ds", "dataset"),
                (from, count) -> datasets.findByProjectAndIdLessThanOrderByIdDesc(project, from, Limit.of(count)),
                Dataset::getId,
                found -> Dataset::view);
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

    @GetMapping("/{id}/problems")
    Page<ProblemView> problems(
            @PathVariable String id,
            @RequestParam(required = false) @Nullable String severity,
            @RequestParam(required = false) @Nullable String code,
            @RequestParam(defaultValue = "20") int limit,
            @RequestParam(defaultValue = "0") long after) {
        String dataset = find(id).getId();
        Severity only = severity(severity);
        long from = Page.after(after, after > 0 ? rows.lastProblem(dataset) : 0, "problem");
        return Page.of(rows.problems(dataset, only, code, from, Page.limit(limit)), limit, problem -> problem);
    }

    @GetMapping("/{id}/problems.csv")
    ResponseEntity<byte[]> problemsAsCsv(
            @PathVariable String id,
            @RequestParam(required = false) @Nullable String severity,
            @RequestParam(required = false) @Nullable String code) {
        String dataset = find(id).getId();
        return ProblemCsv.answer(
                dataset + "-problems", rows.problems(dataset, severity(severity), code, 0, Integer.MAX_VALUE - 1));
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

    private Dataset find(String id) {
        return datasets.findByIdAndProject(id, Caller.current().project())
                .orElseThrow(() -> Problem.notFound("dataset", id));
    }
}
