package dev.anneal.job;

import dev.anneal.dataset.Dataset;
import dev.anneal.dataset.DatasetRows;
import dev.anneal.dataset.Datasets;
import dev.anneal.model.Model;
import dev.anneal.model.Models;
import dev.anneal.training.Hyperparameters;
import dev.anneal.web.Ids;
import dev.anneal.web.Problem;
import dev.anneal.web.Suggest;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** Holds a request against what is there, decides what was left to `auto`, and queues the job. */
@Component
class JobSubmission {
    private static final Logger log = LoggerFactory.getLogger(JobSubmission.class);

    private final Jobs jobs;
    private final JobEvents events;
    private final Datasets datasets;
    private final DatasetRows rows;
    private final Models models;
    private final JdbcClient jdbc;
    private final MeterRegistry meters;
    private final ApplicationEventPublisher publisher;

    JobSubmission(
            Jobs jobs,
            JobEvents events,
            Datasets datasets,
            DatasetRows rows,
            Models models,
            JdbcClient jdbc,
            MeterRegistry meters,
            ApplicationEventPublisher publisher) {
        this.jobs = jobs;
        this.events = events;
        this.datasets = datasets;
        this.rows = rows;
        this.models = models;
        this.jdbc = jdbc;
        this.meters = meters;
        this.publisher = publisher;
    }

    @Transactional
    String submit(JobRequest request) {
        Model base = baseModel(request.baseModel());
        Dataset dataset = dataset("dataset", request.dataset());
        if (dataset.splits().train() == 0) {
            throw Problem.invalid(
                    "dataset", "no_training_rows", "The dataset '" + dataset.getId() + "' has no rows for training.");
        }
        evaluation("validation_dataset", request.validationDataset(), dataset);
        evaluation("test_dataset", request.testDataset(), dataset);
        Integer maxLength = request.hyperparameters().maxLength();
        if (maxLength != null && maxLength > base.maxLength()) {
            throw Problem.invalid(
                    "hyperparameters.max_length",
                    "out_of_range",
                    "'hyperparameters.max_length' is %d; '%s' takes at most %d tokens."
                            .formatted(maxLength, base.name(), base.maxLength()));
        }
        if (request.earlyStopping() != null
                && dataset.splits().validation() == 0
                && request.validationDataset() == null) {
            throw Problem.invalid(
                    "early_stopping", "no_validation_rows", "Early stopping needs validation rows; there are none.");
        }
        Hyperparameters chosen =
                request.hyperparameters().resolve(dataset.splits().train(), base.parameters(), base.maxLength());
        List<String> labels = LabelOrder.of(dataset.labelNames());
        Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
        Job job = jobs.saveAndFlush(new Job(Ids.next("job"), request, labels, chosen, now));
        events.append(job.getId(), "status", Map.of("status", JobStatus.queued, "attempt", 0));
        meters.counter("anneal.jobs.submitted", "task", request.task()).increment();
        log.info("queued {}", job);
        publisher.publishEvent(new JobQueued(job.getId()));
        return job.getId();
    }

    private Model baseModel(String name) {
        // Held until the job can be seen, so that the model cannot be deleted in between.
        jdbc.sql("select id from models where id = :name or (kind = 'base' and name = :name) for key share")
                .param("name", name)
                .query()
                .listOfRows();
        Model model = models.find(name).orElseThrow(() -> {
            List<String> known = models.baseNames();
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

    private Dataset dataset(String field, String id) {
        // Held until the job can be seen, so that the dataset cannot be deleted in between.
        jdbc.sql("select id from datasets where id = ? for key share")
                .param(id)
                .query(String.class)
                .optional();
        Dataset dataset = datasets.findById(id)
                .orElseThrow(() -> Problem.invalid(field, "unknown_dataset", "There is no dataset '" + id + "'."));
        if (dataset.status() != Dataset.Status.ready) {
            throw Problem.conflict(
                    "dataset_not_ready",
                    "The dataset '%s' is %s, not ready; /api/v1/datasets/%s/problems says why."
                            .formatted(id, dataset.status(), id));
        }
        return dataset;
    }

    /** A dataset to evaluate with may only hold labels that are learned. */
    private void evaluation(String field, String id, Dataset trained) {
        if (id == null) {
            return;
        }
        List<String> learned = trained.labelNames();
        List<String> unknown = dataset(field, id).labelNames().stream()
                .filter(label -> !learned.contains(label))
                .limit(10)
                .toList();
        if (!unknown.isEmpty()) {
            throw Problem.invalid(
                    field,
                    "unknown_label",
                    "The dataset '%s' has labels that '%s' does not teach: %s."
                            .formatted(id, trained.getId(), String.join(", ", unknown)));
        }
    }
}
