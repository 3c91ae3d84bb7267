package dev.anneal.model;

import dev.anneal.event.EventSettings;
import dev.anneal.event.EventStreams;
import dev.anneal.role.ForRole;
import dev.anneal.security.CredentialStatus;
import dev.anneal.web.limit.StreamLimit;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Set;
import org.springframework.stereotype.Component;

/** The open event streams of imports; each ends with its import. */
@Component
@ForRole("api")
class ModelEventStreams extends EventStreams {
    ModelEventStreams(
            ModelEvents events,
            StreamLimit limit,
            CredentialStatus credentials,
            EventSettings settings,
            MeterRegistry meters) {
        super(events, Set.of("ready", "failed"), limit, credentials, settings);
        meters.gauge("anneal.model.event.streams", this, ModelEventStreams::count);
    }
}
