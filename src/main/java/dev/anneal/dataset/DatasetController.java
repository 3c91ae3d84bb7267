package dev.anneal.dataset;

import dev.anneal.dataset.file.UploadRequest;
import dev.anneal.dataset.problem.ProblemCsv;
import dev.anneal.dataset.problem.ProblemView;
import dev.anneal.dataset.problem.Severity;
import dev.anneal.role.ForRole;
import dev.anneal.security.Caller;
import dev.anneal.text.Ids;
import dev.anneal.web.Page;
import dev.anneal.web.Problem;
import dev.anneal.web.limit.UploadSlots;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.multipart.MultipartHttpServletRequest;

@RestController
@ForRole("api")
@RequestMapping("/api/v1/datasets")
class DatasetController {
    private final Datasets datasets;
    private final DatasetUpload uploads;
    private final DatasetRows rows;
    private final DatasetDeletion deletion;
    private final SentFiles sent;
    // Each check has a thread of the server, and temporary files, while its file is read.
    private final UploadSlots checks = new UploadSlots(4, 3);

    DatasetController(
            Datasets datasets, DatasetUpload uploads, DatasetRows rows, DatasetDeletion deletion, SentFiles sent) {
        this.datasets = datasets;
        this.uploads = uploads;
        this.rows = rows;
        this.deletion = deletion;
        this.sent = sent;
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
        try (SentFiles.Opened files = sent.of(form, fields).open()) {
            UploadRequest request = UploadRequest.of(files.name(), fields);
            UploadChecks choices = UploadChecks.of(fields);
            try (UploadSlots.Slot slot = checks.take(Caller.current().project())) {
                return uploads.check(files.uploaded(), request, choices);
            }
        }
    }

    @GetMapping
    Page<DatasetView> list(
            @RequestParam(required = false) @Nullable String status,
            @RequestParam(defaultValue = "20") int limit,
            @RequestParam(defaultValue = Ids.LAST) String after) {
        String project = Caller.current().project();
        Dataset.Status wanted = Dataset.Status.named(status);
        return Page.read(
                Page.limit(limit),
                Page.after(after, "ds", "dataset"),
                (from, count) -> datasets.page(project, wanted, from, count),
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
        return datasets.find(id, Caller.current().project())
                .orElseThrow(() -> datasets.missing(id, Caller.current().project()));
    }
}
