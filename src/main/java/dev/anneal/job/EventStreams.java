package dev.anneal.job;

import dev.anneal.local.ForRole;
import dev.anneal.web.StreamLimit;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** The open event streams of jobs; each ends with its job. */
@Component
@ForRole("api")
class EventStreams extends dev.anneal.event.EventStreams {
    EventStreams(JobEvents events, StreamLimit limit, MeterRegistry meters) {
        super(
                events,
                Arrays.stream(JobStatus.values())
                        .filter(JobStatus::isTerminal)
                        .map(JobStatus::name)
                        .collect(Collectors.toSet()),
                limit);
        meters.gauge("anneal.event.streams", this, EventStreams::count);
    }
}
