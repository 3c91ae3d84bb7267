package dev.anneal.project;

/** The limits of a project; null means no limit. {@code weight} is its share of the workers, relative to other projects. */
public record ProjectLimits(
        Integer maxRunningJobs, double weight, Integer maxQueuedJobs, Integer maxDatasets, Long maxStorageBytes) {
    static final ProjectLimits NONE = new ProjectLimits(null, 1, null, null, null);
}
