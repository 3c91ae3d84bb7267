package dev.anneal.model;

import dev.anneal.event.EventLog;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** The events of an import; their types are status, progress and log. */
@Component
class ModelEvents extends EventLog {
    ModelEvents(JdbcClient jdbc) {
        super(jdbc, "models", "model_events", "model_id");
    }

    /** Within the caller's transaction. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void append(String modelId, String type, Object data) {
        add(modelId, type, data);
    }
}
