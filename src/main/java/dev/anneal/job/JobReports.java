package dev.anneal.job;

import dev.anneal.dataset.Dataset;
import dev.anneal.dataset.Datasets;
import dev.anneal.job.queue.JobKind;
import dev.anneal.job.queue.JobStatus;
import dev.anneal.json.Json;
import dev.anneal.model.Model;
import dev.anneal.model.Models;
import dev.anneal.report.ReportPage;
import dev.anneal.report.section.Subject;
import dev.anneal.spec.EvaluationSpec;
import dev.anneal.spec.JobSpec;
import dev.anneal.web.Problem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The reports of jobs and of evaluations, as JSON and as a page. */
@Component
public class JobReports {
    private final JobMetrics metrics;
    private final RemedyComparison remedies;
    private final DatasetWarnings warnings;
    private final Datasets datasets;
    private final Models models;

    JobReports(
            JobMetrics metrics, RemedyComparison remedies, DatasetWarnings warnings, Datasets datasets, Models models) {
        this.metrics = metrics;
        this.remedies = remedies;
        this.warnings = warnings;
        this.datasets = datasets;
        this.models = models;
    }

    /** Returns the report. Throws a problem if there is none. */
    public JsonNode of(Job job) {
        ObjectNode report = (ObjectNode) metrics.report(job.getId())
                .map(Json.MAPPER::readTree)
                .orElseThrow(() -> Problem.conflict("no_report", reason(job)));
        return complete(job, report);
    }

    /** Adds what the server knows and the trainer does not. */
    private JsonNode complete(Job job, ObjectNode report) {
        report.put(job.kind().noun(), job.getId());
        if (job.kind() == JobKind.training) {
            report.set("learning_curve", Json.MAPPER.valueToTree(metrics.learningCurve(job)));
            report.set("dataset_warnings", Json.MAPPER.valueToTree(warnings.of(job)));
        }
        if (report.path("forgetting") instanceof ObjectNode forgetting) {
            forgetting.set("without_remedies", Json.MAPPER.valueToTree(remedies.of(job, report)));
        }
        return report;
    }

    /** Returns the facts of a job beside figures that are not stored yet: its report, or the metrics of an epoch. */
    Subject unfinished(Job job, ObjectNode figures) {
        return subject(job, complete(job, figures));
    }

    private static String reason(Job job) {
        boolean isTraining = job.kind() == JobKind.training;
        if (job.status() != JobStatus.succeeded) {
            return "The " + (isTraining ? "job" : "evaluation") + " "
                    + job.status().words()
                    + (job.status().isTerminal()
                            ? ". It ended without a report."
                            : ". Its report is written when it succeeds.");
        }
        return isTraining
                ? "The job has no report, because its datasets have neither test nor validation rows."
                : "The evaluation has no report.";
    }

    /** Returns the report as a page. Throws a problem if there is none. */
    public String page(Job job) {
        return ReportPage.of(subject(job, of(job)));
    }

    private Subject subject(Job job, JsonNode report) {
        JobSpec spec = job.spec();
        List<Subject.Data> data = data(spec, report.path("split").asString(""));
        String model = models.findBase(spec.baseModel(), job.project())
                .map(Model::name)
                .orElse(spec.baseModel());
        String name = spec.evaluation() == null
                ? job.name()
                : model + " on "
                        + (data.isEmpty() ? spec.dataset() : data.get(0).name());
        return new Subject(
                job.getId(),
                name,
                model,
                job.model(),
                spec,
                job.hyperparameters(),
                report,
                metrics.of(job.getId()),
                job.best == null ? null : Json.MAPPER.valueToTree(job.best),
                data,
                new Subject.Run(
                        job.attempt(),
                        job.worker(),
                        job.memoryBytes(),
                        job.createdAt(),
                        job.startedAt(),
                        job.finishedAt()));
    }

    /** Returns the datasets of a job that still exist, with the splits that the job takes from each. */
    private List<Subject.Data> data(JobSpec spec, String reported) {
        Map<String, List<String>> splits = new LinkedHashMap<>();
        EvaluationSpec evaluation = spec.evaluation();
        if (evaluation != null) {
            add(splits, spec.dataset(), evaluation.part());
        } else {
            add(splits, spec.dataset(), "train");
            add(splits, or(spec.validationDataset(), spec.dataset()), "validation");
            add(splits, or(spec.testDataset(), spec.dataset()), "test");
        }
        return splits.entrySet().stream()
                .flatMap(entry -> datasets
                        .findById(entry.getKey())
                        .filter(dataset -> dataset.status() == Dataset.Status.ready)
                        .map(dataset -> data(dataset, entry.getValue(), reported))
                        .stream())
                .toList();
    }

    private static Subject.Data data(Dataset dataset, List<String> splits, String reported) {
        Dataset.Splits rows = dataset.splits();
        List<String> used = splits.stream()
                .filter(split -> split.equals(reported)
                        || split.equals("train")
                        || (split.equals("validation") ? rows.validation() : rows.test()) > 0)
                .toList();
        return new Subject.Data(
                dataset.getId(), dataset.name(), used, rows.train(), rows.validation(), rows.test(), dataset.sha256());
    }

    private static void add(Map<String, List<String>> splits, String dataset, String split) {
        splits.computeIfAbsent(dataset, id -> new ArrayList<>()).add(split);
    }

    private static String or(@Nullable String chosen, String byDefault) {
        return chosen == null ? byDefault : chosen;
    }
}
