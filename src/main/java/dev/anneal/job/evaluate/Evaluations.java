package dev.anneal.job.evaluate;

import dev.anneal.event.Event;
import dev.anneal.job.Job;
import dev.anneal.job.JobDeletion;
import dev.anneal.job.Jobs;
import dev.anneal.job.plan.EvaluationRequest;
import dev.anneal.job.plan.JobBaseModel;
import dev.anneal.job.plan.PlanLimit;
import dev.anneal.job.queue.JobControl;
import dev.anneal.job.queue.JobEventStreams;
import dev.anneal.job.queue.JobEvents;
import dev.anneal.job.queue.JobKind;
import dev.anneal.job.queue.JobStatus;
import dev.anneal.job.queue.QueuePlace;
import dev.anneal.job.queue.QueuePlaces;
import dev.anneal.role.ForRole;
import dev.anneal.security.Caller;
import dev.anneal.text.Sha256;
import dev.anneal.web.Idempotency;
import dev.anneal.web.Page;
import dev.anneal.web.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The operations that evaluations and predictions have in common. */
@Component
@ForRole("api")
class Evaluations {
    private final Jobs jobs;
    private final JobBaseModel models;
    private final PlanLimit plans;
    private final EvaluationSubmitter submitter;
    private final JobControl control;
    private final JobDeletion deletion;
    private final JobEvents events;
    private final JobEventStreams streams;
    private final QueuePlaces places;
    private final Idempotency idempotency;

    Evaluations(
            Jobs jobs,
            JobBaseModel models,
            PlanLimit plans,
            EvaluationSubmitter submitter,
            JobControl control,
            JobDeletion deletion,
            JobEvents events,
            JobEventStreams streams,
            QueuePlaces places,
            Idempotency idempotency) {
        this.jobs = jobs;
        this.models = models;
        this.plans = plans;
        this.submitter = submitter;
        this.control = control;
        this.deletion = deletion;
        this.events = events;
        this.streams = streams;
        this.places = places;
        this.idempotency = idempotency;
    }

    /** Queues what a request asks for, once for each key. */
    Job create(JobKind kind, String operation, JsonNode body, @Nullable String key) throws IOException {
        EvaluationRequest request = EvaluationRequest.of(kind, body);
        Idempotency.Fingerprint hash = () -> Sha256.of(body.toString());
        String id = idempotency.find(key, operation, hash).orElse(null);
        String project = Caller.current().project();
        if (id == null) {
            models.fetch(request.model());
            id = plans.within(project, () -> {
                try {
                    return idempotency.once(key, operation, hash, () -> submitter.submit(request));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
        return Idempotency.existing(key, kind.noun(), id, jobs.findByIdAndProjectAndKind(id, project, kind));
    }

    /** Refuses a request for a prediction whose fields are wrong, or whose model does not exist or is not ready. */
    void requireModel(JsonNode body) {
        ObjectNode request = ((ObjectNode) body.deepCopy()).put("dataset", "-"); // which is made of a file
        models.require(EvaluationRequest.of(JobKind.prediction, request).model());
    }

    <V> Page<V> list(
            JobKind kind,
            @Nullable String status,
            int limit,
            String after,
            Function<List<Job>, Function<Job, V>> views) {
        String project = Caller.current().project();
        JobStatus wanted = JobStatus.named(status);
        return Page.read(
                Page.limit(limit),
                Page.after(after, kind.prefix(), kind.noun()),
                (from, count) -> jobs.page(project, kind, wanted, from, count),
                Job::getId,
                views);
    }

    Job find(JobKind kind, String id) {
        String project = Caller.current().project();
        return (kind == JobKind.training
                        ? jobs.find(id, project) // jobs also have names
                        : jobs.findByIdAndProjectAndKind(id, project, kind))
                .orElseThrow(() -> Problem.notFound(kind.noun(), id));
    }

    Job cancel(JobKind kind, String id) {
        control.cancel(find(kind, id).getId());
        return find(kind, id);
    }

    void delete(JobKind kind, String id) {
        deletion.delete(find(kind, id).getId());
    }

    Page<Event> events(JobKind kind, String id, int limit, long after) {
        String job = find(kind, id).getId();
        long from = events.checkedCursor(job, after);
        return Page.of(events.after(job, from, Page.limit(limit) + 1), limit, event -> event);
    }

    SseEmitter stream(JobKind kind, String id, @Nullable Long lastEventId, long after) {
        String job = find(kind, id).getId();
        return streams.open(job, events.checkedCursor(job, lastEventId == null ? after : lastEventId));
    }

    /** Returns the places of those that are queued, by their ids. */
    Map<String, QueuePlace> places(List<Job> found) {
        return places.of(found.stream()
                .filter(job -> job.status() == JobStatus.queued)
                .map(Job::getId)
                .toList());
    }
}
