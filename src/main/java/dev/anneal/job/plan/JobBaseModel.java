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
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Finds the base model that a job names, and says where it is not made for the task. */
@Component
public class JobBaseModel {
    private static final List<String> DECODERS = architectures(true);
    private static final List<String> ENCODERS = architectures(false);

    private final Models models;
    private final ArtifactStore store;
    private final JdbcClient jdbc;

    JobBaseModel(Models models, ArtifactStore store, JdbcClient jdbc) {
        this.models = models;
        this.store = store;
        this.jdbc = jdbc;
    }

    private static List<String> architectures(boolean decoders) {
        return Architecture.names().stream()
                .filter(name -> Architecture.KNOWN.get(name).generates() == decoders)
                .toList();
    }

    Model find(String name) {
        // Held until the job can be seen, so that the model cannot be deleted in between.
        String project = Caller.current().project();
        jdbc.sql("select id from models where (id = :name or (kind = 'base' and name = :name))"
                        + " and (project is null or project = :project) for key share")
                .param("name", name)
                .param("project", project)
                .query()
                .listOfRows();
        Model model = models.find(name, project).orElseThrow(() -> {
            List<String> known = models.baseNames(project);
            return Problem.invalid(
                    "base_model",
                    "unknown_base_model",
                    "There is no base model '" + name + "'. Base models: " + String.join(", ", known) + "."
                            + Suggest.nearest(name, known));
        });
        if (!model.isReady()) {
            throw Problem.conflict(
                    "model_not_ready",
                    "The model '%s' is %s, not ready; /api/v1/models/%s says more."
                            .formatted(name, model.status(), model.getId()));
        }
        return model;
    }

    /** Has the model's files on this machine before a transaction begins, which is not to wait for a store far away. */
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
                "'%s' is a %s model; %s needs one of %s. %s"
                        .formatted(
                                model.name(),
                                model.architecture(),
                                Tasks.nameOf(task),
                                String.join(", ", fitting),
                                names.isEmpty()
                                        ? "None of the base models here is one; import one."
                                        : "Here: " + String.join(", ", names) + "."));
    }

    ModelConfig config(Model model) {
        return ModelConfig.read(store.get(model.artifact()));
    }
}
