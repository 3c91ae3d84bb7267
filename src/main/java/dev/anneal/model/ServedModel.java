package dev.anneal.model;

import dev.anneal.web.Problem;
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

    /** Returns the problem for a call of a model that is not ready, which the caller has named so. */
    public Problem notReady(String name) {
        return Problem.conflict(
                "model_not_ready",
                (status.equals("failed")
                                ? "The import of the model '%s' has failed. GET /api/v1/models/%s says why."
                                : "The model '%s' is still being imported. Wait until it is ready: GET /api/v1/models/%s shows the progress.")
                        .formatted(Problem.quote(name), id));
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
