package dev.anneal.job.plan;

import dev.anneal.artifact.ArtifactStore;
import dev.anneal.model.Model;
import dev.anneal.model.Models;
import dev.anneal.security.Caller;
import dev.anneal.text.Suggest;
import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.web.Problem;
import java.util.List;
import org.springframework.data.domain.Limit;
import org.springframework.stereotype.Component;

/** Finds the base model that a request names, and checks that it suits the task. */
@Component
public class JobBaseModel {
    private static final List<String> DECODERS = architectures(true);
    private static final List<String> ENCODERS = architectures(false);

    private final Models models;
    private final ArtifactStore store;

    JobBaseModel(Models models, ArtifactStore store) {
        this.models = models;
        this.store = store;
    }

    private static List<String> architectures(boolean decoders) {
        return Architecture.names().stream()
                .filter(name -> Architecture.named(name).generates() == decoders)
                .toList();
    }

    Model find(String name) {
        String project = Caller.current().project();
        Model model = models.find(name, project)
                .filter(found -> models.keep(found.getId()).isPresent())
                .orElseThrow(() -> {
                    List<String> known = models.baseNames(project);
                    return Problem.invalid(
                            "base_model",
                            "unknown_base_model",
                            "There is no model '" + Problem.quote(name) + "'. Base models: " + String.join(", ", known)
                                    + "." + Suggest.nearest(name, known));
                });
        if (!model.isReady()) {
            throw model.notReady();
        }
        return model;
    }

    /** Returns a ready model of any kind. In a transaction it cannot be deleted until that ends. */
    public Model require(String idOrName) {
        String project = Caller.current().project();
        Model model = models.find(idOrName, project)
                .filter(found -> models.keep(found.getId()).isPresent())
                .orElseThrow(() -> Problem.invalid(
                        "model",
                        "unknown_model",
                        "There is no model '" + Problem.quote(idOrName) + "'."
                                + Suggest.nearest(idOrName, models.names(project, Limit.of(1000)))
                                + " GET /api/v1/models lists the models."));
        if (!model.isReady()) {
            throw model.notReady();
        }
        return model;
    }

    /** Fetches the model's files before a transaction begins, which must not wait for a remote store. */
    public void fetch(String name) {
        models.find(name, Caller.current().project())
                .filter(Model::isReady)
                .ifPresent(model -> store.get(model.artifact()));
    }

    void check(Model model, Task task) {
        List<String> fitting = task == Task.CAUSAL_LM ? DECODERS : ENCODERS;
        if (fitting.contains(model.architecture())) {
            return;
        }
        List<String> names = models.baseNames(Caller.current().project(), fitting);
        throw Problem.invalid(
                "base_model",
                "base_model_does_not_fit",
                "'%s' is a %s model, but %s needs one of %s. %s"
                        .formatted(
                                model.name(),
                                model.architecture(),
                                Tasks.nameOf(task),
                                String.join(", ", fitting),
                                names.isEmpty()
                                        ? "No such base model is registered. Import one."
                                        : "Base models that suit: " + String.join(", ", names) + "."));
    }

    ModelConfig config(Model model) {
        return ModelConfig.read(store.get(model.artifact()));
    }
}
