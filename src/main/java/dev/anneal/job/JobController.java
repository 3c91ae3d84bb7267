package dev.anneal.job;

import dev.anneal.event.Event;
import dev.anneal.job.plan.FirstRows;
import dev.anneal.job.plan.JobBaseModel;
import dev.anneal.job.plan.JobEstimate;
import dev.anneal.job.plan.JobEstimator;
import dev.anneal.job.plan.JobRequest;
import dev.anneal.job.plan.PlanLimit;
import dev.anneal.job.queue.JobControl;
import dev.anneal.job.queue.JobEventStreams;
import dev.anneal.job.queue.JobEvents;
import dev.anneal.job.queue.JobKind;
import dev.anneal.job.queue.JobStatus;
import dev.anneal.report.ReportPage;
import dev.anneal.role.ForRole;
import dev.anneal.security.Caller;
import dev.anneal.text.Ids;
import dev.anneal.text.Sha256;
import dev.anneal.web.HtmlPage;
import dev.anneal.web.Idempotency;
import dev.anneal.web.Page;
import dev.anneal.web.Problem;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
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
import tools.jackson.databind.JsonNode;

@RestController
@ForRole("api")
@RequestMapping("/api/v1/jobs")
class JobController {
    private final Jobs jobs;
    private final JobBaseModel baseModels;
    private final FirstRows firstRows;
    private final PlanLimit plans;
    private final JobSubmitter submission;
    private final JobEstimator estimation;
    private final JobControl control;
    private final JobDeletion deletion;
    private final CheckpointPublication publication;
    private final JobReports reports;
    private final JobViews views;
    private final JobEvents events;
    private final JobEventStreams streams;
    private final Idempotency idempotency;

    JobController(
            Jobs jobs,
            JobBaseModel baseModels,
            FirstRows firstRows,
            PlanLimit plans,
            JobSubmitter submission,
            JobEstimator estimation,
            JobControl control,
            JobDeletion deletion,
            CheckpointPublication publication,
            JobReports reports,
            JobViews views,
            JobEvents events,
            JobEventStreams streams,
            Idempotency idempotency) {
        this.jobs = jobs;
        this.baseModels = baseModels;
        this.firstRows = firstRows;
        this.plans = plans;
        this.submission = submission;
        this.estimation = estimation;
        this.control = control;
        this.deletion = deletion;
        this.publication = publication;
        this.reports = reports;
        this.views = views;
        this.events = events;
        this.streams = streams;
        this.idempotency = idempotency;
    }

    @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<JobView> create(
            @RequestBody JsonNode body, @RequestHeader(name = "Idempotency-Key", required = false) String key)
            throws IOException {
        JobRequest request = JobRequest.of(body);
        Idempotency.Fingerprint hash = () -> Sha256.of(body.toString());
        String id = idempotency.find(key, "createJob", hash).orElse(null);
        if (id == null) {
            baseModels.fetch(request.baseModel());
            firstRows.check(request);
            id = once(key, hash, request);
        }
        Job job = Idempotency.existing(
                key, "job", id, jobs.findByIdAndProject(id, Caller.current().project()));
        return ResponseEntity.created(URI.create("/api/v1/jobs/" + id)).body(views.of(job));
    }

    private String once(@Nullable String key, Idempotency.Fingerprint hash, JobRequest request) {
        return plans.within(Caller.current().project(), () -> {
            try {
                return idempotency.once(key, "createJob", hash, () -> submission.submit(request));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    @PostMapping(path = "/estimate", consumes = MediaType.APPLICATION_JSON_VALUE)
    CompletableFuture<JobEstimate> estimate(@RequestBody JsonNode body) {
        JobRequest request = JobRequest.of(body);
        baseModels.fetch(request.baseModel());
        return estimation.estimate(request);
    }

    @GetMapping
    Page<JobView> list(
            @RequestParam(required = false) String status,
            @RequestParam(defaultValue = "20") int limit,
            @RequestParam(defaultValue = Ids.LAST) String after) {
        String project = Caller.current().project();
        JobStatus wanted = JobStatus.named(status);
        return Page.read(
                Page.limit(limit),
                Page.after(after, "job", "job"),
                (from, count) -> jobs.page(project, JobKind.training, wanted, from, count),
                Job::getId,
                views::of);
    }

    @GetMapping("/{id}")
    JobView get(@PathVariable String id) {
        return view(id);
    }

    @DeleteMapping("/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void delete(@PathVariable String id) {
        deletion.delete(find(id).getId());
    }

    /** Cancels a job; with {@code publish=best}, its best epoch so far becomes its model. */
    @PostMapping("/{id}/cancel")
    JobView cancel(@PathVariable String id, @RequestParam(required = false) String publish) {
        Job job = find(id);
        if (publish == null) {
            control.cancel(job.getId());
        } else if (publish.equals("best")) {
            publication.cancelAndPublishBest(job);
        } else {
            throw Problem.invalid("publish", "invalid_value", "'publish' must be 'best' or absent.");
        }
        return view(job.getId());
    }

    @PostMapping("/{id}/pause")
    JobView pause(@PathVariable String id) {
        String job = find(id).getId();
        control.pause(job);
        return view(job);
    }

    @PostMapping("/{id}/resume")
    JobView resume(@PathVariable String id) {
        String job = find(id).getId();
        control.resume(job);
        return view(job);
    }

    @GetMapping(path = "/{id}/events", produces = MediaType.APPLICATION_JSON_VALUE)
    Page<Event> events(
            @PathVariable String id,
            @RequestParam(defaultValue = "20") int limit,
            @RequestParam(defaultValue = "0") long after) {
        String job = find(id).getId(); // the path may have a name
        long from = events.checkedCursor(job, after);
        return Page.of(events.after(job, from, Page.limit(limit) + 1), limit, event -> event);
    }

    @GetMapping(path = "/{id}/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    SseEmitter stream(
            @PathVariable String id,
            @RequestHeader(name = "Last-Event-ID", required = false) Long lastEventId,
            @RequestParam(defaultValue = "0") long after) {
        String job = find(id).getId();
        long from = events.checkedCursor(job, lastEventId == null ? after : lastEventId);
        return streams.open(job, from);
    }

    @GetMapping("/{id}/report")
    JsonNode report(@PathVariable String id) {
        return reports.of(find(id));
    }

    @GetMapping("/{id}/report.html")
    ResponseEntity<String> reportPage(@PathVariable String id, HttpServletResponse response) {
        return HtmlPage.of(reports.page(find(id)), ReportPage.POLICY, response);
    }

    private JobView view(String id) {
        return views.of(find(id));
    }

    private Job find(String id) {
        return jobs.find(id, Caller.current().project()).orElseThrow(() -> Problem.notFound("job", id));
    }
}
