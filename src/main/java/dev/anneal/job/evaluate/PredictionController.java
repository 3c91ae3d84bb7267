package dev.anneal.job.evaluate;

import dev.anneal.event.Event;
import dev.anneal.job.Job;
import dev.anneal.job.queue.JobKind;
import dev.anneal.role.ForRole;
import dev.anneal.security.Caller;
import dev.anneal.text.Ids;
import dev.anneal.web.Page;
import dev.anneal.web.Problem;
import dev.anneal.web.limit.DownloadLimit;
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
@RequestMapping("/api/v1/predictions")
class PredictionController {
    private static final JobKind KIND = JobKind.prediction;

    private final Evaluations evaluations;
    private final RowPredictions predictions;
    private final DownloadLimit downloads;

    PredictionController(Evaluations evaluations, RowPredictions predictions, DownloadLimit downloads) {
        this.evaluations = evaluations;
        this.predictions = predictions;
        this.downloads = downloads;
    }

    @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<PredictionView> create(
            @RequestBody JsonNode body, @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key)
            throws IOException {
        EvaluationView created = evaluations.create(KIND, "createPrediction", body, key);
        return ResponseEntity.created(URI.create("/api/v1/predictions/" + created.id()))
                .body(PredictionView.of(created));
    }

    @GetMapping
    Page<PredictionView> list(
            @RequestParam(required = false) @Nullable String status,
            @RequestParam(defaultValue = "20") int limit,
            @RequestParam(defaultValue = Ids.LAST) String after) {
        Page<EvaluationView> page = evaluations.list(KIND, status, limit, after);
        return new Page<>(page.data().stream().map(PredictionView::of).toList(), page.hasMore());
    }

    @GetMapping("/{id}")
    PredictionView get(@PathVariable String id) {
        return PredictionView.of(evaluations.get(KIND, id));
    }

    @DeleteMapping("/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void delete(@PathVariable String id) {
        evaluations.delete(KIND, id);
    }

    @PostMapping("/{id}/cancel")
    PredictionView cancel(@PathVariable String id) {
        return PredictionView.of(evaluations.cancel(KIND, id));
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

    @GetMapping("/{id}/download")
    ResponseEntity<StreamingResponseBody> download(
            @PathVariable String id, @RequestParam(defaultValue = "csv") String format) {
        Job prediction = evaluations.find(KIND, id);
        if (!format.equals("csv") && !format.equals("jsonl")) {
            throw Problem.invalid("format", "unknown_format", "'format' must be csv or jsonl.");
        }
        StreamingResponseBody file = format.equals("csv")
                ? predictions.csv(prediction, new PredictionFilter(null, null, null))
                : predictions.lines(prediction);
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_OCTET_STREAM) // generated clients know this type for files
                .header(
                        HttpHeaders.CONTENT_DISPOSITION,
                        "attachment; filename=\"" + prediction.getId() + "." + format + "\"")
                .body(downloads.count(Caller.current().project(), file));
    }
}
