package dev.anneal.job.queue;

import java.util.Map;

/** Why a job failed: a stable code, and what a person can make of it. */
public record JobError(String code, String message) {
    public JobError {
        message = message.replace("\0", ""); // Postgres takes no null characters
    }

    public Map<String, Object> asStatus(int attempt) {
        return Map.of("status", JobStatus.failed, "attempt", attempt, "error", this);
    }
}
