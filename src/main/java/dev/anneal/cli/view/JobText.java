package dev.anneal.cli.view;

import dev.anneal.cli.http.Wording;
import dev.anneal.cli.terminal.Fields;
import dev.anneal.cli.terminal.Terminal;
import dev.anneal.cli.terminal.Units;
import dev.anneal.json.Json;
import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Facts of a job in words. */
public final class JobText {
    private JobText() {}

    /** Prints all that is known of a job. */
    public static void print(JsonNode job, Terminal terminal) {
        fact(terminal, "job", Fields.text(job, "id") + "  " + Fields.text(job, "name"));
        fact(terminal, "status", status(job) + ", attempt " + Fields.text(job, "attempt"));
        if (job.hasNonNull("queue")) {
            fact(terminal, "queue", queue(job.get("queue")));
        }
        fact(terminal, "trains", Fields.text(job, "base_model") + " for " + Fields.text(job, "task") + method(job));
        fact(terminal, "dataset", Fields.text(job, "dataset") + subset(job) + replay(job) + parts(job));
        fact(terminal, "with", settings(job.path("hyperparameters")));
        fact(terminal, "created", Fields.time(job, "created_at"));
        fact(terminal, "finished", Fields.time(job, "finished_at"));
        fact(terminal, "model", Fields.text(job, "model"));
        if (job.hasNonNull("error")) {
            fact(terminal, "error", error(job));
        }
        if (!job.path("metrics").isEmpty()) {
            terminal.line();
            List<String> scores = Metrics.in(job.path("metrics").get(0));
            terminal.line(terminal.dim(JobProgress.heading(scores)));
            job.path("metrics").forEach(epoch -> terminal.line(JobProgress.row(epoch, scores)));
        }
        if (job.hasNonNull("test_metrics")) {
            terminal.line();
            terminal.line("Test " + Metrics.line(job.get("test_metrics")));
        }
    }

    public static void fact(Terminal terminal, String name, String value) {
        terminal.line(terminal.dim(String.format("%-13s", name)) + value);
    }

    public static String status(JsonNode job) {
        String status = Fields.text(job, "status");
        return status.equals("running") && job.hasNonNull("progress")
                ? "running " + Fields.decimal(job.get("progress"), "percent", 0) + "%"
                : status;
    }

    private static String queue(JsonNode queue) {
        return "position " + Fields.count(queue, "position") + ", expected to start "
                + Fields.time(queue, "expected_start_at") + ". "
                + Wording.message(Fields.text(queue, "message"));
    }

    /** Returns the method, unless it is the usual one, and the options of the task: {@code , lora (r 8, …)}. */
    public static String method(JsonNode job) {
        ObjectNode fields = job.path("method").isObject()
                ? (ObjectNode) job.path("method").deepCopy()
                : Json.MAPPER.createObjectNode();
        String type = fields.path("type").asString("full");
        fields.remove("type");
        String details = fields.isEmpty() ? "" : " (" + settings(fields) + ")";
        return (type.equals("full") ? "" : ", " + type + details)
                + (job.path("task_options").path("multi_label").asBoolean(false) ? ", multi-label" : "");
    }

    private static String parts(JsonNode job) {
        return (job.path("folds").isNumber() ? ", in " + Fields.count(job, "folds") + " folds" : "")
                + (job.path("data_curve").asBoolean(false) ? ", with a data curve" : "");
    }

    private static String subset(JsonNode job) {
        JsonNode subset = job.path("subset");
        return subset.hasNonNull("rows")
                ? ", " + Fields.count(subset, "rows") + " rows drawn by the seed"
                : subset.hasNonNull("fraction")
                        ? ", " + Fields.percent(subset, "fraction") + " of each label's rows"
                        : "";
    }

    private static String replay(JsonNode job) {
        JsonNode replay = job.path("replay");
        return replay.hasNonNull("dataset")
                ? ", with rows of " + Fields.text(replay, "dataset") + " as " + Fields.percent(replay, "share")
                        + " of all"
                : "";
    }

    /** Returns names and values; what is null is left out. */
    public static String settings(JsonNode settings) {
        return settings.properties().stream()
                .filter(entry -> !entry.getValue().isNull())
                .map(entry -> entry.getKey().replace('_', ' ') + " " + value(entry.getValue()))
                .collect(Collectors.joining(", "));
    }

    private static String value(JsonNode value) {
        if (value.isObject()) {
            return "(" + settings(value) + ")";
        }
        if (value.isArray()) {
            return value.valueStream().map(JobText::value).collect(Collectors.joining("+"));
        }
        return value.isNumber() ? Units.number(value.asDouble()) : Fields.line(value, Fields.NONE);
    }

    public static String error(JsonNode job) {
        return Wording.message(Fields.lines(job.path("error"), "message"));
    }

    public static String best(JsonNode job) {
        JsonNode best = job.path("best");
        return best.hasNonNull("value")
                ? Metrics.name(Fields.text(best, "metric")) + " " + Fields.decimal(best, "value", 3)
                : Fields.NONE;
    }
}
