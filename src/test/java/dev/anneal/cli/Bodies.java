package dev.anneal.cli;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Answers of a server, as openapi.yaml defines them. */
final class Bodies {
    static final String UNAUTHORIZED = """
            {"type": "urn:anneal:problem:unauthorized", "title": "Unauthorized", "status": 401,
             "detail": "The key is not known here.", "instance": "/api/v1/jobs", "code": "unauthorized"}""";

    static final String DATASET = """
            {"id": "ds_1", "name": "reviews.csv", "task": "text-classification", "format": "csv", "status": "ready",
             "row_count": 2000, "size_bytes": 261234, "sha256": "ab12", "columns": {"text": "review", "label": "stars"}, "files": [],
             "labels": [{"name": "negative", "count": 1000}, {"name": "positive", "count": 1000}],
             "splits": {"train": 1600, "validation": 200, "test": 200}, "problem_count": 0,
             "warning_count": 0, "problem_codes": [], "skipped_count": 0, "parent": null, "changes": [], "same_as": null, "source": null, "revision": null, "progress": null, "created_at": "2026-11-24T14:35:05.123456Z"}""";

    /** A dataset that is being checked. */
    static final String VALIDATING = DATASET.replace("\"status\": \"ready\"", "\"status\": \"validating\"")
            .replace(
                    "\"progress\": null",
                    "\"progress\": {\"phase\": \"checking\", \"read_bytes\": 5, \"total_bytes\": 10, \"row_count\": 3}");

    static final String MODEL = """
            {"id": "mdl_9", "name": "m", "kind": "base", "status": "ready", "architecture": "bert", "task": null,
             "parameters": 22713216, "size_bytes": 90868376, "created_at": "2026-11-24T14:35:05Z"}""";

    static final String REPORT = """
            {"split": "test", "examples": 200, "loss": 0.2112, "accuracy": 0.935, "f1_macro": 0.9349,
             "labels": [{"label": "negative", "precision": 0.95, "recall": 0.92, "f1": 0.9348, "support": 100},
                        {"label": "positive", "precision": 0.9223, "recall": 0.95, "f1": 0.9359, "support": 100}],
             "confusion_matrix": [[92, 8], [5, 95]],
             "worst_mistakes": [{"text": "Oh great, another\\nsequel.", "label": "negative", "predicted": "positive",
                                 "score": 0.991}]}""";

    static final String PREDICTIONS = """
            {"model": "mdl_1", "predictions": [
              {"label": "positive", "score": 0.98, "scores": {"positive": 0.98, "negative": 0.02}},
              {"label": "negative", "score": 0.875, "scores": {"positive": 0.125, "negative": 0.875}}]}""";

    /** The events of a job of one epoch that succeeds. */
    static final List<String> EVENTS = List.of(
            event(1, "status", "{\"status\": \"queued\", \"attempt\": 0}"),
            event(2, "status", "{\"status\": \"running\", \"attempt\": 1}"),
            event(3, "step", """
                    {"epoch": 1, "epochs": 1, "step": 10, "steps": 50, "train_loss": 0.6543, "learning_rate": 5e-5,
                     "examples_per_second": 210.4, "eta_seconds": 6.1, "percent": 20.0}"""),
            event(4, "log", "{\"level\": \"INFO\", \"message\": \"12 texts were cut to 128 tokens\"}"),
            event(5, "step", """
                    {"epoch": 1, "epochs": 1, "step": 50, "steps": 50, "train_loss": 0.3211, "learning_rate": 0,
                     "examples_per_second": 214.0, "eta_seconds": 0.0, "percent": 100.0}"""),
            event(6, "epoch", """
                    {"epoch": 1, "step": 50, "train_loss": 0.4021, "validation_loss": 0.2514, "learning_rate": 0,
                     "examples_per_second": 214.0, "seconds": 8.42, "accuracy": 0.91, "f1_macro": 0.9098}"""),
            event(7, "checkpoint", "{\"epoch\": 1, \"metric\": \"loss\", \"value\": 0.2514}"),
            event(8, "status", "{\"status\": \"succeeded\", \"attempt\": 1}"));

    private Bodies() {}

    static String job(String status) {
        boolean succeeded = status.equals("succeeded");
        return """
                {"id": "job_1", "name": "reviews", "task": "text-classification", "base_model": "all-MiniLM-L6-v2",
                 "dataset": "ds_1", "validation_dataset": null, "test_dataset": null, "method": {"type": "full"},
                 "hyperparameters": {"epochs": 1, "batch_size": 32, "learning_rate": 5e-5},
                 "early_stopping": null, "status": "%s", "attempt": 1, "progress": null, "metrics": [],
                 "best": %s, "test_metrics": %s, "model": %s, "error": %s, "metadata": {},
                 "created_at": "2026-11-24T14:35:05.123456Z", "started_at": null, "finished_at": null}""".formatted(
                status,
                succeeded ? "{\"epoch\": 1, \"metric\": \"loss\", \"value\": 0.2514}" : "null",
                succeeded ? "{\"loss\": 0.2112, \"accuracy\": 0.935, \"f1_macro\": 0.9349, \"examples\": 200}" : "null",
                succeeded ? "\"mdl_1\"" : "null",
                status.equals("failed") ? "{\"code\": \"trainer_died\", \"message\": \"Out of memory.\"}" : "null");
    }

    static String event(long id, String type, String data) {
        return "id: %d\nevent: %s\ndata: {\"id\": %d, \"type\": \"%s\", \"created_at\": \"2026-11-24T14:35:06Z\", \"data\": %s}\n\n"
                .formatted(id, type, id, type, data.replace("\n", " "));
    }

    /** Streams a text and closes the connection. */
    static void stream(HttpExchange exchange, String text) throws IOException {
        exchange.getResponseHeaders().add("Content-Type", "text/event-stream");
        exchange.sendResponseHeaders(200, 0);
        exchange.getResponseBody().write(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Scripts the answers for a job that succeeds. */
    static ScriptedServer script(ScriptedServer server) {
        return server.on("GET /actuator/health/readiness", 200, "{\"status\": \"UP\"}")
                .list("GET /jobs", job("succeeded"))
                .on("GET /datasets", 200, "{\"data\": [" + DATASET + "], \"has_more\": true}")
                .on("GET /datasets/ds_1", 200, DATASET)
                .on("POST /datasets", 201, DATASET)
                .on("GET /models/mdl_9", 200, MODEL)
                .list("GET /models", MODEL)
                .on("POST /jobs", 201, job("queued"))
                .on("GET /jobs/job_1", 200, job("succeeded"))
                .on("GET /jobs/job_1/events", (exchange, request) -> stream(exchange, String.join("", EVENTS)))
                .on("GET /jobs/job_1/report", 200, REPORT)
                .on("POST /models/mdl_1/predict", 200, PREDICTIONS);
    }
}
