package dev.anneal.job.queue;

import dev.anneal.event.EventSettings;
import dev.anneal.event.EventStreams;
import dev.anneal.role.ForRole;
import dev.anneal.security.CredentialStatus;
import dev.anneal.web.limit.StreamLimit;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Set;
import org.springframework.stereotype.Component;

/** The open event streams of jobs. A stream ends when its job does. */
@Component
@ForRole("api")
public class JobEventStreams extends EventStreams {
    JobEventStreams(
            JobEvents events,
            StreamLimit limit,
            CredentialStatus credentials,
            EventSettings settings,
            MeterRegistry meters) {
        super(events, Set.copyOf(JobStatus.ended()), limit, credentials, settings);
        meters.gauge("anneal.event.streams", this, JobEventStreams::count);
    }
}
