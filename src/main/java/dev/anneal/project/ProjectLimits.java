package dev.anneal.project;

/** What a project may use; null is no limit. {@code weight} is its share of the workers against other projects'. */
public record ProjectLimits(
        Integer maxRunningJobs, double weight, Integer maxQueuedJobs, Integer maxDatasets, Long maxStorageBytes) {
    static final ProjectLimits NONE = new ProjectLimits(null, 1, null, null, null);
}
