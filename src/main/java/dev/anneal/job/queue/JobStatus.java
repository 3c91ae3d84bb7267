package dev.anneal.job.queue;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Where a job stands, and where it may go from there. */
public enum JobStatus {
    queued,
    running,
    paused,
    succeeded,
    failed,
    cancelled;

    private Set<JobStatus> next() {
        return switch (this) {
            case queued -> EnumSet.of(running, paused, cancelled);
            // queued: given back by a worker that stops, or lost and to be tried again
            case running -> EnumSet.complementOf(EnumSet.noneOf(JobStatus.class));
            case paused -> EnumSet.of(queued, cancelled);
            case succeeded, failed, cancelled -> EnumSet.noneOf(JobStatus.class);
        };
    }

    public boolean canBecome(JobStatus next) {
        return next().contains(next);
    }

    public boolean isTerminal() {
        return next().isEmpty();
    }

    /** The statuses from which this one may be reached, for guards in SQL. */
    public List<String> sources() {
        return Stream.of(values())
                .filter(s -> s.canBecome(this))
                .map(Enum::name)
                .toList();
    }
}
