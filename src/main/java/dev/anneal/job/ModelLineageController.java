package dev.anneal.job;

import dev.anneal.dataset.Ancestor;
import dev.anneal.dataset.Dataset;
import dev.anneal.dataset.Datasets;
import dev.anneal.model.Model;
import dev.anneal.model.ModelView;
import dev.anneal.model.Models;
import dev.anneal.role.ForRole;
import dev.anneal.security.Caller;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** Leads from a model to the bytes that it was trained on. */
@RestController
@ForRole("api")
class ModelLineageController {
    /**
     * A lineage of a model on the wire. All but the model is null or empty if it was not trained here.
     *
     * @param export the path of the rows that it was trained on, null if the dataset is deleted
     * @param data the dataset, and those that it was made of, none if it is deleted
     */
    record ModelLineage(
            String model,
            @Nullable String baseModel,
            @Nullable String job,
            @Nullable String dataset,
            @Nullable String datasetSha256,
            @Nullable String export,
            List<Ancestor> data) {}

    private final Models models;
    private final Datasets datasets;

    ModelLineageController(Models models, Datasets datasets) {
        this.models = models;
        this.datasets = datasets;
    }

    @GetMapping("/api/v1/models/{id}/lineage")
    ModelLineage lineage(@PathVariable String id) {
        String project = Caller.current().project();
        Model model = models.find(id, project).orElseThrow(() -> models.missing(id, project));
        ModelView view = model.view(null, null);
        Optional<Dataset> dataset =
                Optional.ofNullable(view.dataset()).flatMap(trained -> datasets.find(trained, project));
        return new ModelLineage(
                view.id(),
                view.baseModel(),
                view.job(),
                view.dataset(),
                view.datasetSha256(),
                dataset.map(there -> "/api/v1/datasets/" + there.getId() + "/export")
                        .orElse(null),
                dataset.map(there -> Ancestor.lineage(there, project, datasets)).orElse(List.of()));
    }
}
