package dev.anneal.job.queue;

import java.util.Map;

/** The reason why a job failed: a stable code, and a message for its user. */
public record JobError(String code, String message) {
    public JobError {
        message = message.replace("\0", ""); // Postgres takes no null characters
    }

    public Map<String, Object> asStatus(int attempt) {
        return Map.of("status", JobStatus.failed, "attempt", attempt, "error", this);
    }
}
