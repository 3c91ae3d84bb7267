package dev.anneal.job.evaluate;

import dev.anneal.job.Job;
import dev.anneal.job.Jobs;
import dev.anneal.job.plan.EvaluationPlan;
import dev.anneal.job.plan.EvaluationPlanner;
import dev.anneal.job.plan.EvaluationRequest;
import dev.anneal.job.queue.JobEvents;
import dev.anneal.job.queue.JobQueued;
import dev.anneal.job.queue.JobStatus;
import dev.anneal.project.Quotas;
import dev.anneal.security.Caller;
import dev.anneal.text.Ids;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** Plans and queues an evaluation or a prediction. */
@Component
class EvaluationSubmitter {
    private static final Logger log = LoggerFactory.getLogger(EvaluationSubmitter.class);

    private final Jobs jobs;
    private final JobEvents events;
    private final EvaluationPlanner planning;
    private final ComparedEvaluations compared;
    private final Quotas quotas;
    private final ApplicationEventPublisher publisher;

    EvaluationSubmitter(
            Jobs jobs,
            JobEvents events,
            EvaluationPlanner planning,
            ComparedEvaluations compared,
            Quotas quotas,
            ApplicationEventPublisher publisher) {
        this.jobs = jobs;
        this.events = events;
        this.planning = planning;
        this.compared = compared;
        this.quotas = quotas;
        this.publisher = publisher;
    }

    @Transactional
    public String submit(EvaluationRequest request) {
        EvaluationPlan plan = planning.plan(request);
        compared.check(plan.spec());
        String project = Caller.current().project();
        quotas.oneMoreQueuedJob(project);
        if (plan.spec().task().hasRowPredictions()) {
            // The size of the predictions is not known yet, but each has a byte at least.
            quotas.moreBytes(
                    project, Objects.requireNonNull(plan.spec().evaluation()).rows());
        }
        Job job = jobs.saveAndFlush(new Job(
                Ids.next(request.kind().prefix()),
                project,
                request.kind(),
                plan.name(),
                plan.spec(),
                new Job.Choices(request.metadata(), request.priority(), request.maxAttempts()),
                plan.memoryBytes(),
                Instant.now().truncatedTo(ChronoUnit.MICROS)));
        events.append(job.getId(), "status", Map.of("status", JobStatus.queued, "attempt", 0));
        log.info("queued {}: {}", job.getId(), job.name());
        publisher.publishEvent(new JobQueued(job.getId()));
        return job.getId();
    }
}
