package dev.anneal.cli;

import dev.anneal.json.Json;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The commands that look at jobs: list, show, follow. */
final class Jobs {
    static final Command LIST = new Command(
            "jobs",
            "",
            "list jobs, newest first",
            List.of(new Option("status", "STATUS", "only queued, running, … jobs"), Listing.LIMIT, Listing.JSON),
            Jobs::list);
    static final Command SHOW =
            new Command("job", "<job>", "show one job and its epochs", List.of(Listing.JSON), Jobs::show);
    static final Command FOLLOW = new Command(
            "follow",
            "<job>",
            "watch a job until it ends, from its first event on",
            List.of(Option.flag("json", "print each event as a line of JSON")),
            Jobs::follow);

    private Jobs() {}

    private static int list(Session session) throws IOException, InterruptedException {
        String filter = session.arguments()
                .value("status")
                .map(status -> "&status=" + Call.segment(status))
                .orElse("");
        return Listing.print(
                session,
                "/jobs",
                filter,
                new Table("job", "name", "status", "base model", ">best", ">test", "created"),
                (table, job) -> table.row(
                        Fields.text(job, "id"),
                        Units.shorten(Fields.text(job, "name"), 30),
                        status(job),
                        Fields.text(job, "base_model"),
                        best(job),
                        Metrics.first(job.path("test_metrics")),
                        Fields.time(job, "created_at")));
    }

    private static String status(JsonNode job) {
        String status = Fields.text(job, "status");
        return status.equals("running") && job.hasNonNull("progress")
                ? "running " + Fields.decimal(job.get("progress"), "percent", 0) + "%"
                : status;
    }

    private static String best(JsonNode job) {
        JsonNode best = job.path("best");
        return best.isObject() ? Fields.text(best, "metric") + " " + Fields.decimal(best, "value", 3) : Fields.NONE;
    }

    private static int show(Session session) throws IOException, InterruptedException {
        JsonNode job = session.api().get(path(session.arguments().only("job")));
        if (session.json()) {
            session.print(job);
            return 0;
        }
        Terminal terminal = session.terminal();
        facts(terminal, "job", Fields.text(job, "id") + "  " + Fields.text(job, "name"));
        facts(terminal, "status", status(job) + ", attempt " + Fields.text(job, "attempt"));
        if (job.hasNonNull("queue")) {
            facts(terminal, "queue", queue(job.get("queue")));
        }
        facts(terminal, "trains", Fields.text(job, "base_model") + " for " + Fields.text(job, "task") + method(job));
        facts(terminal, "dataset", Fields.text(job, "dataset") + subset(job));
        facts(terminal, "with", hyperparameters(job.path("hyperparameters")));
        facts(terminal, "created", Fields.time(job, "created_at"));
        facts(terminal, "finished", Fields.time(job, "finished_at"));
        facts(terminal, "model", Fields.text(job, "model"));
        if (job.hasNonNull("error")) {
            facts(terminal, "error", error(job));
        }
        if (!job.path("metrics").isEmpty()) {
            terminal.line();
            List<String> scores = Metrics.in(job.path("metrics").get(0));
            terminal.line(terminal.dim(JobView.heading(scores)));
            job.path("metrics").forEach(epoch -> terminal.line(JobView.row(epoch, scores)));
        }
        if (job.hasNonNull("test_metrics")) {
            terminal.line();
            terminal.line("Test " + Metrics.line(job.get("test_metrics")));
        }
        return 0;
    }

    private static String queue(JsonNode queue) {
        return "position " + Fields.count(queue, "position") + ", expected to start "
                + Fields.time(queue, "expected_start_at") + ". " + Fields.text(queue, "message");
    }

    private static void facts(Terminal terminal, String name, String value) {
        terminal.line(terminal.dim(String.format("%-10s", name)) + value);
    }

    /** How it is trained, where that is not in full, and the options of the task that are on: {@code , lora (r 8, …)}. */
    static String method(JsonNode job) {
        ObjectNode fields = job.path("method").isObject()
                ? (ObjectNode) job.path("method").deepCopy()
                : Json.MAPPER.createObjectNode();
        String type = fields.path("type").asString("full");
        fields.remove("type");
        String details = fields.isEmpty() ? "" : " (" + hyperparameters(fields) + ")";
        return (type.equals("full") ? "" : ", " + type + details)
                + (job.path("task_options").path("multi_label").asBoolean(false) ? ", multi-label" : "");
    }

    private static String subset(JsonNode job) {
        JsonNode subset = job.path("subset");
        return subset.hasNonNull("rows")
                ? ", the first " + Fields.count(subset, "rows") + " rows"
                : subset.hasNonNull("fraction")
                        ? ", " + Fields.percent(subset, "fraction") + " of each label's rows"
                        : "";
    }

    /** What is null is left out. */
    static String hyperparameters(JsonNode chosen) {
        StringBuilder words = new StringBuilder();
        chosen.properties().stream()
                .filter(entry -> !entry.getValue().isNull())
                .forEach(entry -> words.append(words.isEmpty() ? "" : ", ")
                        .append(entry.getKey().replace('_', ' '))
                        .append(' ')
                        .append(value(entry.getValue())));
        return words.toString();
    }

    private static String value(JsonNode value) {
        if (value.isObject()) {
            return "(" + hyperparameters(value) + ")";
        }
        if (value.isArray()) {
            return value.valueStream().map(Jobs::value).collect(Collectors.joining("+"));
        }
        return value.isNumber() ? Units.number(value.asDouble()) : value.asString(Fields.NONE);
    }

    private static String error(JsonNode job) {
        return Fields.text(job.path("error"), "code") + ": " + Fields.text(job.path("error"), "message");
    }

    private static int follow(Session session) throws IOException, InterruptedException {
        String id = session.arguments().only("job");
        Api api = session.api();
        if (!session.json()) {
            return follow(api, id, session.terminal());
        }
        try (Interrupts interrupts = goesOn(id, session.terminal())) {
            new EventStream(api, id, session.terminal()::error).read(event -> session.print(event.json()));
        }
        return succeeded(api.get(path(id))) ? 0 : 1;
    }

    /** Follows a job to its end, which Ctrl-C leaves alone. */
    static int follow(Api api, String id, Terminal terminal) throws IOException, InterruptedException {
        try (Interrupts interrupts = goesOn(id, terminal)) {
            return watchToEnd(api, id, terminal);
        }
    }

    /** Shows a job to its end and how it went; 0 when it succeeded. */
    static int watchToEnd(Api api, String id, Terminal terminal) throws IOException, InterruptedException {
        new EventStream(api, id, terminal::status).read(new JobView(terminal));
        JsonNode job = api.get(path(id));
        terminal.line();
        if (!succeeded(job)) {
            terminal.line(
                    "The job is " + Fields.text(job, "status") + (job.hasNonNull("error") ? ". " + error(job) : "."));
            return 1;
        }
        new Report(api.get(path(id) + "/report")).print(terminal);
        terminal.line();
        terminal.line("Model " + terminal.bold(Fields.text(job, "model")) + best(terminal, job));
        return 0;
    }

    private static String best(Terminal terminal, JsonNode job) {
        return job.hasNonNull("best")
                ? terminal.dim("   from epoch " + Fields.text(job.get("best"), "epoch") + ", best by validation "
                        + Fields.text(job.get("best"), "metric").replace('_', ' '))
                : "";
    }

    private static Interrupts goesOn(String id, Terminal terminal) {
        return Interrupts.call(() -> {
            terminal.close();
            terminal.error("The job goes on. Follow it: " + Shell.anneal("follow " + id) + "   Cancel it: "
                    + Shell.anneal("cancel " + id));
        });
    }

    static boolean succeeded(JsonNode job) {
        return Fields.text(job, "status").equals("succeeded");
    }

    static String path(String id) {
        return "/jobs/" + Call.segment(id);
    }
}
