package dev.anneal.job;

import dev.anneal.project.Quotas;
import dev.anneal.security.Caller;
import dev.anneal.web.Ids;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** Plans what was asked for and queues it. */
@Component
class JobSubmission {
    private static final Logger log = LoggerFactory.getLogger(JobSubmission.class);

    private final Jobs jobs;
    private final JobEvents events;
    private final JobPlanning planning;
    private final JobMemory memory;
    private final Quotas quotas;
    private final MeterRegistry meters;
    private final ApplicationEventPublisher publisher;
    private final double checkpointSeconds;

    JobSubmission(
            Jobs jobs,
            JobEvents events,
            JobPlanning planning,
            JobMemory memory,
            Quotas quotas,
            MeterRegistry meters,
            ApplicationEventPublisher publisher,
            @Value("${anneal.trainer.checkpoint-seconds:60}") double checkpointSeconds) {
        this.jobs = jobs;
        this.events = events;
        this.planning = planning;
        this.memory = memory;
        this.quotas = quotas;
        this.meters = meters;
        this.publisher = publisher;
        this.checkpointSeconds = checkpointSeconds;
    }

    @Transactional
    String submit(JobRequest request) {
        JobPlan plan = planning.plan(request);
        quotas.oneMoreQueuedJob(Caller.current().project());
        Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
        Checkpointing checkpoints = request.checkpoints().orEvery(checkpointSeconds);
        Job job = jobs.saveAndFlush(new Job(
                Ids.next("job"),
                Caller.current().project(),
                plan,
                checkpoints,
                memory.of(plan).bytes(),
                now));
        events.append(job.getId(), "status", Map.of("status", JobStatus.queued, "attempt", 0));
        meters.counter("anneal.jobs.submitted", "task", job.task()).increment();
        log.info("queued {}", job);
        publisher.publishEvent(new JobQueued(job.getId()));
        return job.getId();
    }
}
