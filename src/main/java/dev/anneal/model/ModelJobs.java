package dev.anneal.model;

import java.util.Optional;

/** The questions of models about jobs, which a package above this one answers. */
public interface ModelJobs {
    /** Returns whether a job that has not ended starts from the model. */
    boolean needModel(Model model);

    /** Returns the status of the project's job with this id. */
    Optional<String> status(String jobId, String project);

    /** Returns the id of the project's job with this name that has not ended: its model will have the name. */
    Optional<String> waitingFor(String name, String project);
}
