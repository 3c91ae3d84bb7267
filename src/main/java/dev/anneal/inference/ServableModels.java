package dev.anneal.inference;

import dev.anneal.model.ModelJobs;
import dev.anneal.model.ModelRegistry;
import dev.anneal.model.ServedModel;
import dev.anneal.model.ServedModels;
import dev.anneal.role.ForRole;
import dev.anneal.security.Caller;
import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.web.Problem;
import java.util.List;
import org.springframework.stereotype.Component;

/** Finds the models that requests name, and checks that a model supports the call. */
@Component
@ForRole("inference")
class ServableModels {
    private final ServedModels models;
    private final ModelJobs jobs;

    ServableModels(ServedModels models, ModelJobs jobs) {
        this.models = models;
        this.jobs = jobs;
    }

    /** Returns a model that predicts. */
    ServedModel predicting(String id) {
        ServedModel model = find(id);
        if (generates(model)) {
            throw Problem.conflict(
                    "no_head",
                    "'" + id + "' is a language model (causal-lm) and does not predict. Call generate instead.");
        } else if (model.task() == null) {
            throw Problem.conflict(
                    "no_head", "'" + id + "' is a base model without labels. Fine-tune it, then call the result.");
        } else if (model.task().equals("masked-lm")) {
            throw Problem.conflict(
                    "no_head",
                    "'" + id
                            + "' is a language model (masked-lm) and does not predict. Use it as the base_model of a job,"
                            + " then call the result.");
        }
        return model;
    }

    /** Returns a model that generates text, which may be a base model. */
    ServedModel generating(String id) {
        ServedModel model = find(id);
        if (!generates(model)) {
            throw Problem.conflict(
                    "not_a_generator",
                    "'" + id + "' is a model of type '" + model.architecture() + "', which does not generate text."
                            + (model.isBase() ? "" : " Call POST /api/v1/models/" + id + "/predict instead."));
        }
        return model;
    }

    private static boolean generates(ServedModel model) {
        Architecture architecture = model.architecture() == null ? null : Architecture.KNOWN.get(model.architecture());
        return architecture != null && architecture.generates();
    }

    private ServedModel find(String id) {
        ServedModel model = models.find(id, Caller.current().project()).orElseThrow(() -> missing(id));
        if (!model.isReady()) {
            throw model.notReady(id);
        }
        return model;
    }

    /** Returns the problem for a missing model, with the job's status if the request named a job or came too early. */
    private Problem missing(String id) {
        String status = jobs.status(
                        id.replaceFirst("^mdl_", "job_"), Caller.current().project())
                .orElse("");
        boolean ended = List.of("", "succeeded", "failed", "cancelled").contains(status);
        if (ended && (status.isEmpty() || id.startsWith("mdl_"))) {
            return models.missing(id, Caller.current().project());
        }
        return Problem.conflict(
                "model_not_ready",
                switch (status) {
                    case "succeeded" ->
                        "'" + id + "' is a job, not a model. Its model is '" + ModelRegistry.idFor(id) + "'.";
                    case "failed" -> "The job '" + id + "' has failed, so it has no model.";
                    case "cancelled" -> "The job '" + id + "' was cancelled, so it has no model.";
                    default -> "The job is " + status + ". Its model is published once the job succeeds.";
                });
    }
}
