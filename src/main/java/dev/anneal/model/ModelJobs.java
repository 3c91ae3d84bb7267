package dev.anneal.model;

import java.util.Optional;

/** What models need to know of jobs, whose package is above this one. */
public interface ModelJobs {
    /** Whether a job that has not ended starts from the model. */
    boolean needModel(Model model);

    /** Returns the status of the project's job with this id. */
    Optional<String> status(String jobId, String project);
}
