package dev.anneal.job;

import dev.anneal.job.plan.JobMemory;
import dev.anneal.job.plan.JobPlan;
import dev.anneal.job.plan.JobPlanner;
import dev.anneal.job.plan.JobRequest;
import dev.anneal.job.plan.Tasks;
import dev.anneal.job.queue.JobEvents;
import dev.anneal.job.queue.JobQueued;
import dev.anneal.job.queue.JobStatus;
import dev.anneal.json.Json;
import dev.anneal.project.Quotas;
import dev.anneal.security.Caller;
import dev.anneal.text.Ids;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** Plans and queues what a request asks for. */
@Component
class JobSubmitter {
    private static final Logger log = LoggerFactory.getLogger(JobSubmitter.class);

    private final Jobs jobs;
    private final JobEvents events;
    private final JobPlanner planning;
    private final JobMemory memory;
    private final Quotas quotas;
    private final MeterRegistry meters;
    private final ApplicationEventPublisher publisher;

    JobSubmitter(
            Jobs jobs,
            JobEvents events,
            JobPlanner planning,
            JobMemory memory,
            Quotas quotas,
            MeterRegistry meters,
            ApplicationEventPublisher publisher) {
        this.jobs = jobs;
        this.events = events;
        this.planning = planning;
        this.memory = memory;
        this.quotas = quotas;
        this.meters = meters;
        this.publisher = publisher;
    }

    @Transactional
    String submit(JobRequest request) {
        JobPlan plan = planning.plan(request);
        quotas.oneMoreQueuedJob(Caller.current().project());
        Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
        Job job = jobs.saveAndFlush(new Job(
                Ids.next("job"),
                Caller.current().project(),
                plan,
                memory.of(plan).least(plan.spec().hyperparameters().gradientCheckpointing()),
                now));
        events.append(job.getId(), "status", Map.of("status", JobStatus.queued, "attempt", 0));
        meters.counter("anneal.jobs.submitted", "task", Tasks.nameOf(plan.spec().task()))
                .increment();
        log.info("queued {} with {}", job.getId(), Json.write(job.hyperparameters()));
        publisher.publishEvent(new JobQueued(job.getId()));
        return job.getId();
    }
}
