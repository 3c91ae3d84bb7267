package dev.anneal.job.queue;

import dev.anneal.web.Problem;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The status of a job, and the statuses that may follow it. */
public enum JobStatus {
    queued,
    running,
    paused,
    succeeded,
    failed,
    cancelled;

    /** Returns the status that a request names; null if it names none. */
    public static @Nullable JobStatus named(@Nullable String name) {
        if (name == null) {
            return null;
        }
        return Stream.of(values())
                .filter(status -> status.name().equals(name))
                .findFirst()
                .orElseThrow(() -> Problem.invalid(
                        "status", "unknown_status", "'status' must be one of " + List.of(values()) + "."));
    }

    private Set<JobStatus> next() {
        return switch (this) {
            case queued -> EnumSet.of(running, paused, cancelled);
            // queued again: released by a worker that shuts down, or lost and to be retried
            case running -> EnumSet.complementOf(EnumSet.noneOf(JobStatus.class));
            case paused -> EnumSet.of(queued, cancelled);
            case succeeded, failed, cancelled -> EnumSet.noneOf(JobStatus.class);
        };
    }

    /** Returns what a job of this status does or did, after "The job". */
    public String words() {
        return switch (this) {
            case queued, running, paused -> "is " + name();
            case succeeded, failed -> "has " + name();
            case cancelled -> "was cancelled";
        };
    }

    public boolean canBecome(JobStatus next) {
        return next().contains(next);
    }

    public boolean isTerminal() {
        return next().isEmpty();
    }

    /** Returns the statuses of jobs that have ended. */
    public static List<String> ended() {
        return Stream.of(values()).filter(JobStatus::isTerminal).map(Enum::name).toList();
    }

    /** Returns the statuses that this one may follow, for guards in SQL. */
    public List<String> sources() {
        return Stream.of(values())
                .filter(s -> s.canBecome(this))
                .map(Enum::name)
                .toList();
    }
}
