package dev.anneal.job.queue;

import dev.anneal.role.ForRole;
import dev.anneal.security.CredentialStatus;
import dev.anneal.web.StreamLimit;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** The open event streams of jobs; each ends with its job. */
@Component
@ForRole("api")
public class JobEventStreams extends dev.anneal.event.EventStreams {
    JobEventStreams(JobEvents events, StreamLimit limit, CredentialStatus standing, MeterRegistry meters) {
        super(
                events,
                Arrays.stream(JobStatus.values())
                        .filter(JobStatus::isTerminal)
                        .map(JobStatus::name)
                        .collect(Collectors.toSet()),
                limit,
                standing);
        meters.gauge("anneal.event.streams", this, JobEventStreams::count);
    }
}
