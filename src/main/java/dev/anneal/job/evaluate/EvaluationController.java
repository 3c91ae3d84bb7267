package dev.anneal.job.evaluate;

import dev.anneal.event.Event;
import dev.anneal.job.Job;
import dev.anneal.job.JobReports;
import dev.anneal.job.queue.JobKind;
import dev.anneal.report.ReportPage;
import dev.anneal.role.ForRole;
import dev.anneal.security.Caller;
import dev.anneal.text.Ids;
import dev.anneal.web.HtmlPage;
import dev.anneal.web.Page;
import dev.anneal.web.limit.DownloadLimit;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;
import tools.jackson.databind.JsonNode;

@RestController
@ForRole("api")
@RequestMapping("/api/v1/evaluations")
class EvaluationController {
    private static final JobKind KIND = JobKind.evaluation;

    private final Evaluations evaluations;
    private final RowPredictions predictions;
    private final JobReports reports;
    private final DownloadLimit downloads;

    EvaluationController(
            Evaluations evaluations, RowPredictions predictions, JobReports reports, DownloadLimit downloads) {
        this.evaluations = evaluations;
        this.predictions = predictions;
        this.reports = reports;
        this.downloads = downloads;
    }

    @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<EvaluationView> create(
            @RequestBody JsonNode body, @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key)
            throws IOException {
        EvaluationView created = evaluations.create(KIND, "createEvaluation", body, key);
        return ResponseEntity.created(URI.create("/api/v1/evaluations/" + created.id()))
                .body(created);
    }

    @GetMapping
    Page<EvaluationView> list(
            @RequestParam(required = false) @Nullable String status,
            @RequestParam(defaultValue = "20") int limit,
            @RequestParam(defaultValue = Ids.LAST) String after) {
        return evaluations.list(KIND, status, limit, after);
    }

    @GetMapping("/{id}")
    EvaluationView get(@PathVariable String id) {
        return evaluations.get(KIND, id);
    }

    @DeleteMapping("/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void delete(@PathVariable String id) {
        evaluations.delete(KIND, id);
    }

    @PostMapping("/{id}/cancel")
    EvaluationView cancel(@PathVariable String id) {
        return evaluations.cancel(KIND, id);
    }

    @GetMapping(path = "/{id}/events", produces = MediaType.APPLICATION_JSON_VALUE)
    Page<Event> events(
            @PathVariable String id,
            @RequestParam(defaultValue = "20") int limit,
            @RequestParam(defaultValue = "0") long after) {
        return evaluations.events(KIND, id, limit, after);
    }

    @GetMapping(path = "/{id}/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    SseEmitter stream(
            @PathVariable String id,
            @RequestHeader(name = "Last-Event-ID", required = false) @Nullable Long lastEventId,
            @RequestParam(defaultValue = "0") long after) {
        return evaluations.stream(KIND, id, lastEventId, after);
    }

    @GetMapping("/{id}/report")
    JsonNode report(@PathVariable String id) {
        return reports.of(evaluations.find(KIND, id));
    }

    @GetMapping("/{id}/report.html")
    ResponseEntity<String> reportPage(@PathVariable String id, HttpServletResponse response) {
        return HtmlPage.of(reports.page(evaluations.find(KIND, id)), ReportPage.POLICY, response);
    }

    @GetMapping("/{id}/predictions")
    RowPredictions.RowPage predictions(
            @PathVariable String id,
            @RequestParam(required = false) @Nullable String outcome,
            @RequestParam(required = false) @Nullable String label,
            @RequestParam(required = false) @Nullable String predicted,
            @RequestParam(defaultValue = "20") int limit,
            @RequestParam(defaultValue = "0") long after)
            throws IOException {
        Job evaluation = evaluations.find(KIND, id);
        PredictionFilter filter = PredictionFilter.of(evaluation.spec(), outcome, label, predicted);
        int most = Page.limit(limit);
        // The first page may have to fetch the predictions from the bucket.
        return downloads.within(Caller.current().project(), () -> predictions.page(evaluation, filter, after, most));
    }

    @GetMapping("/{id}/predictions.csv")
    ResponseEntity<StreamingResponseBody> predictionsAsCsv(
            @PathVariable String id,
            @RequestParam(required = false) @Nullable String outcome,
            @RequestParam(required = false) @Nullable String label,
            @RequestParam(required = false) @Nullable String predicted) {
        Job evaluation = evaluations.find(KIND, id);
        PredictionFilter filter = PredictionFilter.of(evaluation.spec(), outcome, label, predicted);
        StreamingResponseBody csv = predictions.csv(evaluation, filter);
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_OCTET_STREAM) // generated clients know this type for files
                .header(
                        HttpHeaders.CONTENT_DISPOSITION,
                        "attachment; filename=\"" + evaluation.getId() + "-predictions.csv\"")
                .body(downloads.count(Caller.current().project(), csv));
    }
}
