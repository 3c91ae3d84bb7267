package dev.anneal.model;

import org.jspecify.annotations.Nullable;

/**
 * The facts about a model that its calls need.
 *
 * @param task null for a model without a head
 * @param architecture null until the model is ready, as are its parameters and its artifact
 */
public record ServedModel(
        String id,
        String status,
        boolean isBase,
        @Nullable String task,
        @Nullable String architecture,
        @Nullable Long parameters,
        @Nullable String artifact) {
    public boolean isReady() {
        return status.equals("ready");
    }

    /** Returns the artifact key of a ready model. */
    public String files() {
        if (artifact == null) {
            throw new IllegalStateException("model " + id + " has no files yet");
        }
        return artifact;
    }

    /** Returns the number of parameters, 0 until the model is ready. */
    public long size() {
        return parameters == null ? 0 : parameters;
    }
}
