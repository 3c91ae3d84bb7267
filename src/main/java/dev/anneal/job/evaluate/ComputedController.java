package dev.anneal.job.evaluate;

import dev.anneal.event.Event;
import dev.anneal.job.Job;
import dev.anneal.job.queue.JobKind;
import dev.anneal.job.queue.QueuePlace;
import dev.anneal.security.Caller;
import dev.anneal.text.Ids;
import dev.anneal.web.Page;
import dev.anneal.web.limit.DownloadLimit;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
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
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;
import tools.jackson.databind.JsonNode;

/**
 * The endpoints that evaluations and predictions have in common.
 *
 * @param <V> what they are on the wire
 */
abstract class ComputedController<V> {
    final Evaluations evaluations;
    final DownloadLimit downloads;
    private final JobKind kind;
    private final String operation;

    /** @param operation the name of the operation that creates one, in the contract */
    ComputedController(JobKind kind, String operation, Evaluations evaluations, DownloadLimit downloads) {
        this.kind = kind;
        this.operation = operation;
        this.evaluations = evaluations;
        this.downloads = downloads;
    }

    /** @param queue null unless it is queued */
    abstract V view(Job job, @Nullable QueuePlace queue);

    @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<V> create(
            @RequestBody JsonNode body, @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key)
            throws IOException {
        Job created = evaluations.create(kind, operation, body, key);
        return ResponseEntity.created(URI.create("/api/v1/" + kind.noun() + "s/" + created.getId()))
                .body(view(created));
    }

    @GetMapping
    Page<V> list(
            @RequestParam(required = false) @Nullable String status,
            @RequestParam(defaultValue = "20") int limit,
            @RequestParam(defaultValue = Ids.LAST) String after) {
        return evaluations.list(kind, status, limit, after, this::views);
    }

    @GetMapping("/{id}")
    V get(@PathVariable String id) {
        return view(find(id));
    }

    @DeleteMapping("/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void delete(@PathVariable String id) {
        evaluations.delete(kind, id);
    }

    @PostMapping("/{id}/cancel")
    V cancel(@PathVariable String id) {
        return view(evaluations.cancel(kind, id));
    }

    @GetMapping(path = "/{id}/events", produces = MediaType.APPLICATION_JSON_VALUE)
    Page<Event> events(
            @PathVariable String id,
            @RequestParam(defaultValue = "20") int limit,
            @RequestParam(defaultValue = "0") long after) {
        return evaluations.events(kind, id, limit, after);
    }

    @GetMapping(path = "/{id}/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    SseEmitter stream(
            @PathVariable String id,
            @RequestHeader(name = "Last-Event-ID", required = false) @Nullable Long lastEventId,
            @RequestParam(defaultValue = "0") long after) {
        return evaluations.stream(kind, id, lastEventId, after);
    }

    final Job find(String id) {
        return evaluations.find(kind, id);
    }

    /** Returns an answer that is a file, which counts for the downloads of the project. */
    final ResponseEntity<StreamingResponseBody> file(String name, StreamingResponseBody content) {
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_OCTET_STREAM) // generated clients know this type for files
                .header(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"" + name + "\"")
                .body(downloads.count(Caller.current().project(), content));
    }

    private V view(Job job) {
        return views(List.of(job)).apply(job);
    }

    private Function<Job, V> views(List<Job> found) {
        Map<String, QueuePlace> places = evaluations.places(found);
        return job -> view(job, places.get(job.getId()));
    }
}
