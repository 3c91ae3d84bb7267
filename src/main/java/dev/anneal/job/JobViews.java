package dev.anneal.job;

import dev.anneal.job.queue.JobStatus;
import dev.anneal.job.queue.QueuePlace;
import dev.anneal.job.queue.QueuePlaces;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Renders jobs as the API shows them. Reads what other tables hold once for all jobs of a page. */
@Component
class JobViews {
    private final JobMetrics metrics;
    private final QueuePlaces places;

    JobViews(JobMetrics metrics, QueuePlaces places) {
        this.metrics = metrics;
        this.places = places;
    }

    JobView of(Job job) {
        return of(List.of(job)).apply(job);
    }

    Function<Job, JobView> of(Collection<Job> jobs) {
        List<String> queued = jobs.stream()
                .filter(job -> job.status() == JobStatus.queued)
                .map(Job::getId)
                .toList();
        Map<String, List<JsonNode>> epochs =
                metrics.of(jobs.stream().map(Job::getId).toList());
        Map<String, QueuePlace> waiting = places.of(queued);
        return job -> JobView.of(job, epochs.getOrDefault(job.getId(), List.of()), waiting.get(job.getId()));
    }
}
