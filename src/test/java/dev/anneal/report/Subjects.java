package dev.anneal.report;

import dev.anneal.evaluation.Metrics;
import dev.anneal.json.Json;
import dev.anneal.report.section.Subject;
import dev.anneal.spec.Hyperparameters;
import dev.anneal.spec.JobSpec;
import dev.anneal.spec.Method;
import dev.anneal.spec.TaskOptions;
import dev.anneal.transformer.architecture.Task;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Reports of each task in which everything that a user may write is a text of the test's choice. */
public final class Subjects {
    static final Instant TIME = Instant.parse("2026-11-30T02:03:04Z");

    private Subjects() {}

    /** Returns a job with a report. */
    public static Subject job(Task task, String words, JsonNode report) {
        JobSpec spec = new JobSpec(
                task,
                "all-MiniLM-L6-v2",
                "ds_1",
                null,
                null,
                null,
                List.of(words + " a", words + " b"),
                Method.lora(4, 8, 0.1, List.of(words)),
                new Hyperparameters(
                        Map.of("class_weights", Map.of(words, 2.0), "max_length", 128, "learning_rate", 5e-5)),
                TaskOptions.NONE,
                null,
                Metrics.of(task).byDefault(),
                null);
        List<JsonNode> epochs = List.of(epoch(1, 0.61, 0.5), epoch(2, 0.42, 0.4), epoch(3, 0.2, 0.55));
        return new Subject(
                "job_1",
                words,
                words,
                "mdl_1",
                spec,
                spec.hyperparameters(),
                report,
                epochs,
                Json.MAPPER.readTree("{\"epoch\": 2}"),
                List.of(new Subject.Data("ds_1", words, List.of("train", "validation", "test"), 800, 100, 100, "ab12")),
                new Subject.Run(1, words, 900_000_000L, TIME, TIME.plusSeconds(3), TIME.plusSeconds(63)));
    }

    /** Returns a job with three validations in its first epoch and one in the second, in which it stopped early. */
    public static Subject withValidationsWithinEpochs(String words) {
        Subject job = job(Task.TEXT_CLASSIFICATION, words, classification(words));
        return new Subject(
                job.id(),
                job.name(),
                job.model(),
                job.published(),
                job.spec(),
                job.hyperparameters(),
                job.report(),
                List.of(
                        validation(1, 5, true, 4.2),
                        validation(1, 8, true, 7.1),
                        validation(1, 10, false, 9.1),
                        validation(2, 15, true, 10.2)),
                Json.MAPPER.readTree("{\"epoch\": 1, \"step\": 5}"),
                job.datasets(),
                job.run());
    }

    private static JsonNode validation(int epoch, int step, boolean isWithin, double seconds) {
        return epoch(epoch, 0.61, 0.5)
                .asObject()
                .put("step", step)
                .put("within_epoch", isWithin)
                .put("seconds", seconds);
    }

    private static JsonNode epoch(int number, double training, double validation) {
        return Json.MAPPER
                .createObjectNode()
                .put("epoch", number)
                .put("train_loss", training)
                .put("validation_loss", validation)
                .put("accuracy", 0.9)
                .put("examples_per_second", 210.4)
                .put("seconds", 8.42);
    }

    /** Returns a report for one label per row, with all that there can be. */
    public static ObjectNode classification(String words) {
        ObjectNode report = read("""
                {"task": "text-classification", "split": "test", "examples": 200, "truncated": 3, "tokens_left_out": 91,
                 "loss": 0.2112, "accuracy": 0.935, "f1_macro": 0.9349, "matthews_correlation": 0.87,
                 "averages": {"macro": {"precision": 0.93, "recall": 0.94, "f1": 0.9349},
                              "micro": {"precision": 0.935, "recall": 0.935, "f1": 0.935},
                              "weighted": {"precision": 0.936, "recall": 0.935, "f1": 0.935}},
                 "intervals": {"accuracy": {"low": 0.891, "high": 0.962}, "f1_macro": null},
                 "labels": [{"label": "$ a", "precision": 0.95, "recall": 0.92, "f1": 0.9348, "support": 100},
                            {"label": "$ b", "precision": null, "recall": 0.95, "f1": 0.9359, "support": 100}],
                 "confusion_matrix": [[92, 8], [5, 95]],
                 "ranking": {"roc_auc": 0.97123, "average_precision": 0.965, "labels": [
                    {"label": "$ a", "roc_auc": 0.97, "average_precision": 0.96, "curve": [
                        {"threshold": 0.05, "precision": 0.5, "recall": 1.0, "f1": 0.66}], "tuned": null},
                    {"label": "$ b", "roc_auc": 0.97, "average_precision": 0.96, "curve": [
                        {"threshold": 0.05, "precision": 0.5, "recall": 1.0, "f1": 0.66},
                        {"threshold": 0.95, "precision": null, "recall": 0.0, "f1": 0.0}],
                     "tuned": {"threshold": 0.41, "precision": 0.94, "recall": 0.96, "f1": 0.95}}]},
                 "calibration": {"temperature": 1.847, "served": false,
                    "uncalibrated": {"ece": 0.0812, "brier": 0.06, "log_loss": 0.21, "bins": [
                        {"from": 0.9, "to": 1.0, "count": 150, "confidence": 0.97, "accuracy": 0.9}]},
                    "calibrated": {"ece": 0.0211, "brier": 0.05, "log_loss": 0.18, "bins": [
                        {"from": 0.9, "to": 1.0, "count": 90, "confidence": 0.93, "accuracy": 0.92}]}},
                 "worst_mistakes": [{"text": "$", "label": "$ a", "predicted": "$ b", "score": 0.991}],
                 "learning_curve": {"verdict": "overfitting", "message": "The model over-fits after epoch 2.", "epochs": []},
                 "cross_validation": {"folds": 3, "examples": 800, "metrics": {
                    "accuracy": {"mean": 0.92, "deviation": 0.011, "values": [0.91, 0.92, 0.93]}}},
                 "data_curve": {"split": "test", "metric": "accuracy", "verdict": "more_rows_help",
                    "message": "More rows would probably help.", "gain": {"gain": 0.02, "interval": null}, "points": [
                        {"fraction": 0.5, "rows": 400, "metrics": {"accuracy": 0.91, "f1_macro": 0.91}},
                        {"fraction": 1, "rows": 800, "metrics": {"accuracy": 0.935, "f1_macro": 0.93}}]},
                 "comparison": {"evaluation": "eval_0 $", "metrics": {
                    "accuracy": {"difference": 0.021, "interval": {"low": 0.004, "high": 0.038}, "p_value": 0.014},
                    "f1_macro": {"difference": null, "interval": null, "p_value": null}},
                    "right_rows": {"only_first": 9, "only_second": 1, "p_value": 0.0215}},
                 "dataset_warnings": [{"dataset": "ds_1", "code": "leakage", "count": 4}]}""", words);
        report.set("findings", findings(words));
        return report;
    }

    static ObjectNode findings(String words) {
        return read("""
                {"baselines": [
                    {"name": "majority", "rows": 800, "metrics": {"accuracy": 0.5}, "gains": {
                        "accuracy": {"gain": 0.435, "interval": {"low": 0.36, "high": 0.5}}}},
                    {"name": "tf_idf", "rows": 800, "features": 9120, "converged": false, "metrics": {"accuracy": 0.915}, "gains": {
                        "accuracy": {"gain": 0.02, "interval": {"low": -0.025, "high": 0.065}}}},
                    {"name": "frozen_base", "rows": 800, "examples": 100, "converged": true, "metrics": {"accuracy": 0.8}, "gains": {
                        "accuracy": {"gain": 0.135, "interval": {"low": 0.05, "high": 0.22}}}}],
                 "likely_mislabelled": [
                    {"split": "test", "scores": "model", "examined": 200, "confident": 2, "rows": [
                        {"row": 812, "line": 813, "file": "$", "label": "$ a", "suggested_label": "$ b", "margin": -0.9,
                         "probability": 0.05, "confident": true}]},
                    {"split": "train", "scores": "tf_idf", "examined": 800, "confident": 0, "rows": []}],
                 "hardest_rows": [{"row": 17, "line": 18, "file": null, "loss": 4.1, "text": "$"}],
                 "slices": [
                    {"column": "group", "values": [{"value": "$", "examples": 40, "metrics": {"accuracy": {
                        "value": 0.8, "interval": {"low": 0.7, "high": 0.9}, "gap": -0.15,
                        "gap_interval": {"low": -0.25, "high": -0.05}}}}]},
                    {"column": "words", "values": [{"value": "0-7", "examples": 40, "metrics": {"accuracy": {
                        "value": 0.95, "interval": null, "gap": 0.02, "gap_interval": {"low": -0.05, "high": 0.07}}}}]}],
                 "counterfactuals": {"texts": 30, "pairs": 40, "left_out": 0, "exchanges": [
                    {"dimension": "gender", "from": "female", "to": "male", "pairs": 12, "changed": 0.25,
                     "changed_interval": {"low": 0.08, "high": 0.5}, "moved": 0.2, "moved_interval": null, "shift": -0.1,
                     "shift_interval": null}],
                  "largest": [{"row": 3, "dimension": "gender", "from": "female", "to": "male", "text": "$", "exchanged": "$",
                               "before": [0.1, 0.9], "after": [0.6, 0.4], "moved": 0.5}]},
                 "group_scores": [{"dimension": "group", "group": "$", "label": "$ b", "examples": 40, "positive": 20,
                                   "all_auc": 0.97, "subgroup_auc": 0.9, "bpsn_auc": 0.91, "bnsp_auc": null}],
                 "left_out": ["The column group has too many values."]}""", words);
    }

    public static ObjectNode multiLabel(String words) {
        ObjectNode report = classification(words);
        report.put("task", "multi-label-classification").put("f1_micro", 0.91);
        report.remove("confusion_matrix");
        report.set("worst_mistakes", Json.MAPPER.readTree(with(words, """
                [{"text": "$", "labels": ["$ a", "$ b"], "predicted": []}]""")));
        return report;
    }

    public static ObjectNode regression(String words) {
        ObjectNode report = read("""
                {"task": "text-regression", "split": "validation", "examples": 90, "truncated": 0, "tokens_left_out": 0, "loss": 1.44,
                 "rmse": 1.2, "mae": 0.9, "r2": 0.5, "pearson": 0.71, "spearman": 0.7,
                 "intervals": {"rmse": {"low": 1.1, "high": 1.35}},
                 "residuals": {"mean": -0.02, "standard_deviation": 1.2, "min": -4, "p5": -2.1, "p25": -0.7, "median": 0.01,
                               "p75": 0.6, "p95": 1.9, "max": 3.5},
                 "worst_mistakes": [{"text": "$", "score": 5, "predicted": 1}]}""", words);
        report.set("findings", read("""
                {"baselines": [{"name": "mean", "rows": 700, "metrics": {"rmse": 1.7}, "gains": {
                    "rmse": {"gain": 0.5, "interval": {"low": 0.3, "high": 0.7}}}}],
                 "likely_mislabelled": [], "hardest_rows": [{"row": 17, "loss": 4.1, "text": "$"}], "slices": [],
                 "counterfactuals": null, "group_scores": [], "left_out": []}""", words));
        return report;
    }

    public static ObjectNode entities(String words) {
        return read("""
                {"task": "token-classification", "split": "test", "examples": 120, "loss": 0.1, "precision": 0.8, "recall": 0.7,
                 "f1": 0.747, "accuracy": 0.96, "intervals": {"f1": {"low": 0.7, "high": 0.8}},
                 "entities": [{"label": "$", "precision": 0.8, "recall": 0.7, "f1": 0.747, "support": 60}],
                 "partial": {"precision": 0.85, "recall": 0.75, "f1": 0.797, "entities": [
                    {"label": "$", "precision": 0.85, "recall": 0.75, "f1": 0.797, "support": 60}]},
                 "worst_mistakes": [{"text": "One $ two three four",
                    "entities": [{"type": "$", "from": 0, "to": 2}], "predicted": [{"type": "$", "from": 1, "to": 99}]}]}""", words);
    }

    public static ObjectNode generation(String words) {
        return read("""
                {"task": "causal-lm", "split": "test", "examples": 50, "truncated": 1, "tokens_left_out": 1, "tokens": 4120,
                 "loss": 2.1, "perplexity": 8.17, "token_accuracy": 0.55,
                 "intervals": {"loss": {"low": 2.0, "high": 2.2}, "perplexity": {"low": 7.4, "high": 9.0}},
                 "forgetting": {"measure": "loss", "message": "The loss on general text rises by 0.4.", "retained": null,
                    "probe": {"texts": 72, "left_out": 0, "compared": 9000, "before": 3.1, "after": 3.5, "change": 0.4, "agreement": 0.81},
                    "without_remedies": {"job": "job_2", "loss": 2.0, "change": 0.9, "message": "Without remedies it rose by 0.9."}},
                 "comparison": {"evaluation": "eval_0", "right_rows": null, "metrics": {
                    "loss_per_row": {"difference": -3.2, "interval": {"low": -4.1, "high": -2.5}, "p_value": 0.00001}}},
                 "answers": {"model": {"answers": 20, "cut": 3, "exact_match": 0.45, "rouge_l": 0.61, "chrf": 55.25},
                             "base_model": {"answers": 20, "exact_match": 0, "rouge_l": 0.2, "chrf": 8.5}, "left_out": 1,
                             "samples": [{"prompt": "$", "expected": "$", "answer": "$", "base_answer": " "}]},
                 "worst_mistakes": []}""", words);
    }

    /** Returns a report in which each list is as long as it can be, with long names and texts. */
    static ObjectNode largest() {
        String name = "n".repeat(190);
        ObjectNode report = classification("x");
        ArrayNode labels = report.putArray("labels");
        ArrayNode ranking = ((ObjectNode) report.path("ranking")).putArray("labels");
        ArrayNode matrix = report.putArray("confusion_matrix");
        for (int i = 0; i < 1_000; i++) {
            labels.add(report.objectNode().put("label", name + i).put("f1", 0.5).put("support", i));
            ranking.add(report.objectNode().put("label", name + i).put("roc_auc", 0.5));
            ArrayNode row = matrix.addArray();
            for (int j = 0; j < 1_000; j++) {
                row.add((i * 31 + j) % 7);
            }
        }
        ObjectNode findings = (ObjectNode) report.path("findings");
        repeat(findings.path("likely_mislabelled").path(0).path("rows"), 2_000);
        repeat(findings.path("slices").path(0).path("values"), 100);
        repeat(findings.path("counterfactuals").path("exchanges"), 500);
        repeat(findings.path("group_scores"), 2_000);
        ArrayNode hardest = findings.putArray("hardest_rows");
        ArrayNode mistakes = report.putArray("worst_mistakes");
        for (int i = 0; i < 20; i++) {
            hardest.addObject().put("row", i).put("loss", 9.0).put("text", "w ".repeat(500_000));
            mistakes.addObject()
                    .put("text", "w".repeat(1_000_000))
                    .put("label", name)
                    .put("predicted", name);
        }
        return report;
    }

    private static void repeat(JsonNode list, int times) {
        JsonNode first = list.path(0);
        for (int i = 1; i < times; i++) {
            ((ArrayNode) list).add(first);
        }
    }

    private static ObjectNode read(String json, String words) {
        return (ObjectNode) Json.MAPPER.readTree(with(words, json));
    }

    private static String with(String words, String json) {
        String quoted = Json.write(words);
        return json.replace("$", quoted.substring(1, quoted.length() - 1));
    }
}
