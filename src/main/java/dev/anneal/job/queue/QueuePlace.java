package dev.anneal.job.queue;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The place of a queued job.
 *
 * @param position counted from 1 by priority and age over all projects
 * @param expectedStartAt null if unknown
 * @param reason what the job waits for
 */
public record QueuePlace(long position, @Nullable Instant expectedStartAt, Reason reason, String message) {
    /** The reason why a job does not start now. */
    enum Reason {
        no_worker,
        too_large,
        project_limit,
        backoff,
        no_free_slot,
        /** A slot is free and claims the job at its next poll. */
        starting
    }
}
