package dev.anneal.project;

import org.jspecify.annotations.Nullable;

/** The limits of a project; what is absent has no limit. {@code weight} is its share of the workers, relative to other projects. */
public record ProjectLimits(
        @Nullable Integer maxRunningJobs,
        double weight,
        @Nullable Integer maxQueuedJobs,
        @Nullable Integer maxDatasets,
        @Nullable Long maxStorageBytes) {
    static final ProjectLimits NONE = new ProjectLimits(null, 1, null, null, null);
}
