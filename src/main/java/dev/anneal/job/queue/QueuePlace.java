package dev.anneal.job.queue;

import java.time.Instant;

/**
 * Where a queued job stands: its position, 1 first, counted by priority and age over all projects; when it may start, null
 * where that cannot be told; and what it waits for.
 */
public record QueuePlace(long position, Instant expectedStartAt, Reason reason, String message) {
    /** What keeps a job from starting now. */
    enum Reason {
        no_worker,
        too_large,
        project_limit,
        backoff,
        no_free_slot,
        /** A slot is free; the job starts with its next look at the queue. */
        starting
    }
}
