package dev.anneal.job;

import dev.anneal.dataset.Dataset;
import dev.anneal.job.plan.JobMemory;
import dev.anneal.job.plan.JobPlan;
import dev.anneal.job.plan.JobPlanner;
import dev.anneal.job.plan.JobRequest;
import dev.anneal.job.plan.Tasks;
import dev.anneal.job.queue.JobEvents;
import dev.anneal.job.queue.JobKind;
import dev.anneal.job.queue.JobQueued;
import dev.anneal.job.queue.JobStatus;
import dev.anneal.json.Json;
import dev.anneal.model.Models;
import dev.anneal.project.Names;
import dev.anneal.project.Quotas;
import dev.anneal.security.Caller;
import dev.anneal.text.Ids;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.data.domain.Limit;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** Plans and queues what a request asks for. */
@Component
class JobSubmitter {
    private static final Logger log = LoggerFactory.getLogger(JobSubmitter.class);

    private static final Pattern FILE_ENDING = Pattern.compile("\\.[A-Za-z]{1,7}$");

    private final Jobs jobs;
    private final Models models;
    private final Names names;
    private final DatasetWarnings warnings;
    private final JobEvents events;
    private final JobPlanner planning;
    private final JobMemory memory;
    private final Quotas quotas;
    private final MeterRegistry meters;
    private final ApplicationEventPublisher publisher;

    JobSubmitter(
            Jobs jobs,
            Models models,
            Names names,
            DatasetWarnings warnings,
            JobEvents events,
            JobPlanner planning,
            JobMemory memory,
            Quotas quotas,
            MeterRegistry meters,
            ApplicationEventPublisher publisher) {
        this.jobs = jobs;
        this.models = models;
        this.names = names;
        this.warnings = warnings;
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
                name(plan),
                plan,
                memory.of(plan).least(plan.spec().hyperparameters().gradientCheckpointing()),
                now));
        events.append(job.getId(), "status", Map.of("status", JobStatus.queued, "attempt", 0));
        warnings.datasets(plan.spec()).forEach(dataset -> warn(job.getId(), dataset));
        meters.counter("anneal.jobs.submitted", "task", Tasks.nameOf(plan.spec().task()))
                .increment();
        log.info("queued {} with {}", job.getId(), Json.write(job.hyperparameters()));
        publisher.publishEvent(new JobQueued(job.getId()));
        return job.getId();
    }

    /** Returns the name of a job, which is that of its model: the given one, or that of the dataset with a number. */
    private String name(JobPlan plan) {
        String project = Caller.current().project();
        names.lock(project);
        String given = plan.request().name();
        if (given == null) {
            String stem = FILE_ENDING.matcher(plan.dataset().name()).replaceFirst("");
            return Names.numbered(
                    stem,
                    1,
                    "",
                    name -> jobs.existsByProjectAndNameAndKind(project, name, JobKind.training)
                            || !models.named(name, project, Limit.of(1)).isEmpty());
        }
        jobs.requireFree(given, project);
        models.requireFree(given, project);
        return given;
    }

    /** Says in the events of the job which warnings there are about the rows of a dataset. */
    private void warn(String job, Dataset dataset) {
        String codes = DatasetWarnings.of(dataset)
                .map(code -> "%,d %s".formatted(code.count(), code.code()))
                .collect(Collectors.joining(", "));
        events.append(
                job,
                "log",
                Map.of(
                        "level",
                        "warn",
                        "message",
                        "The dataset '%s' has warnings: %s. See /api/v1/datasets/%s/problems."
                                .formatted(dataset.name(), codes, dataset.getId())));
    }
}
