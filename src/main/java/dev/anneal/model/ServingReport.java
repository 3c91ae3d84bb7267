package dev.anneal.model;

import java.util.Optional;

/** The models that this server has loaded, and how it computes them. */
public interface ServingReport {
    /** Returns how a model is computed, or was when it was loaded last; nothing if this server has not loaded it. */
    Optional<Serving> of(String modelId);

    /** Returns why this server does not call a model for a project; nothing if it does. */
    Optional<Health> health(String modelId, String project);
}
