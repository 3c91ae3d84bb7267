package dev.anneal.job;

import dev.anneal.local.ForRole;
import dev.anneal.security.Standing;
import dev.anneal.web.StreamLimit;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** The open event streams of jobs; each ends with its job. */
@Component
@ForRole("api")
class EventStreams extends dev.anneal.event.EventStreams {
    EventStreams(JobEvents events, StreamLimit limit, Standing standing, MeterRegistry meters) {
        super(
                events,
                Arrays.stream(JobStatus.values())
                        .filter(JobStatus::isTerminal)
                        .map(JobStatus::name)
                        .collect(Collectors.toSet()),
                limit,
                standing);
        meters.gauge("anneal.event.streams", this, EventStreams::count);
    }
}
