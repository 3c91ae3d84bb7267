package dev.anneal.page;

import dev.anneal.json.Json;
import dev.anneal.page.api.Api;
import dev.anneal.page.layout.Facts;
import dev.anneal.page.layout.Forms;
import dev.anneal.page.layout.Frame;
import dev.anneal.page.layout.Words;
import dev.anneal.page.session.Session;
import dev.anneal.report.html.Cell;
import dev.anneal.report.html.Html;
import dev.anneal.report.html.Numbers;
import dev.anneal.report.html.Table;
import java.util.LinkedHashSet;
import java.util.Set;
import org.springframework.http.ResponseEntity;
import tools.jackson.databind.JsonNode;

/** The page of a job. */
final class JobPage {
    /** The numbers of an epoch that have their own columns, or that nobody compares. */
    private static final Set<String> NO_SCORES = Set.of(
            "epoch",
            "step",
            "train_loss",
            "validation_loss",
            "learning_rate",
            "examples_per_second",
            "evaluated_per_second",
            "seconds");

    private final JsonNode job;
    private final JsonNode checkpoints;
    private final Session session;
    private final Work work;
    private final String path;
    private final String page;

    JobPage(JsonNode job, JsonNode checkpoints, Session session) {
        this.job = job;
        this.checkpoints = checkpoints;
        this.session = session;
        this.work = new Work(Work.Kind.jobs, job);
        this.path = Api.path("/api/v1/jobs/%s", work.id());
        this.page = Api.path("/ui/jobs/%s", work.id());
    }

    ResponseEntity<String> show() {
        return Frame.page(
                work.name(),
                "jobs",
                html -> {
                    boolean isLive = Set.of("queued", "running", "paused").contains(work.status());
                    html.open(
                            "div",
                            "id",
                            "now",
                            "hx-get",
                            isLive ? page : null,
                            "hx-select",
                            "#now",
                            "hx-swap",
                            "outerHTML",
                            "hx-trigger",
                            isLive ? "every 10s, changed" : null,
                            "hx-select-oob",
                            "#tables",
                            "hx-headers",
                            "{\"Anneal-Poll\":\"true\"}");
                    state(html);
                    actions(html);
                    html.close("div");
                    curves(html, isLive);
                    html.open("div", "id", "tables");
                    metrics(html);
                    checkpoints(html);
                    html.close("div");
                    log(html);
                    facts(html);
                    settings(html);
                },
                "uplot.css",
                "uplot.js",
                "charts.js");
    }

    private void state(Html html) {
        html.open("p", "class", "state");
        Words.status(work.status()).write(html);
        if (job.path("pause_requested").asBoolean(false)) {
            html.text(" It pauses after the next checkpoint.");
        }
        html.close("p");
        if (work.status().equals("running")) {
            work.progress().write(html);
            html.element("p", "Time left: " + work.timeLeft(), "class", "note");
        }
        String waits = job.path("queue").path("message").asString("");
        if (!waits.isEmpty()) {
            html.element("p", "Position " + Numbers.count(job.path("queue"), "position") + ". " + waits);
        }
        String error = job.path("error").path("message").asString("");
        if (!error.isEmpty()) {
            html.open("p", "class", "fault").user(error, 2000).close("p");
        }
    }

    private void actions(Html html) {
        Forms forms = new Forms(html, session);
        html.open("div", "class", "actions");
        String model = job.path("model").asString("");
        if (!model.isEmpty()) {
            html.element("a", "Model", "href", Api.path("/ui/models/%s", model), "class", "button");
        }
        if (work.status().equals("succeeded")) {
            html.element("a", "Report", "href", "/ui" + path + "/report.html", "class", "button");
        }
        if (Forms.allows(session, "createJob")) {
            html.element("a", "Clone", "href", Api.path("/ui/jobs/new?from=%s", work.id()), "class", "button");
        }
        switch (work.status()) {
            case "queued", "running" -> {
                forms.button("pauseJob", path + "/pause", "Pause", page, null);
                cancel(forms);
            }
            case "paused" -> {
                forms.button("resumeJob", path + "/resume", "Resume", page, null);
                cancel(forms);
            }
            default ->
                forms.button("deleteJob", path, "Delete", "/ui/jobs", "Delete this job, its events and checkpoints?");
        }
        html.close("div");
    }

    private void cancel(Forms forms) {
        forms.button("cancelJob", path + "/cancel", "Cancel", page, "Cancel this job? It cannot be resumed.");
    }

    /** Writes the places of the charts, which a script fills and keeps up to date. */
    private void curves(Html html, boolean isLive) {
        html.open(
                "section",
                "id",
                "curves",
                "aria-labelledby",
                "curves-title",
                "data-job",
                work.id(),
                "data-ended",
                String.valueOf(!isLive));
        html.element("h2", "Curves", "id", "curves-title");
        html.element("p", "", "id", "connection", "class", "note", "role", "status");
        html.element("p", "", "id", "curve-table", "class", "note");
        html.open("div", "class", "charts");
        chart(html, "loss", "Loss");
        chart(html, "scores", "Metrics of the validation rows");
        chart(html, "rate", "Learning rate");
        chart(html, "speed", "Throughput");
        html.close("div");
        html.element("p", "Drag over a chart to enlarge a range. Double-click to see all.", "class", "note");
        html.close("section");
    }

    private static void chart(Html html, String name, String title) {
        html.open("figure", "class", "chart")
                .element("figcaption", title)
                .open("div", "id", "chart-" + name)
                .close("div")
                .close("figure");
    }

    private void log(Html html) {
        html.open("section", "aria-labelledby", "log-title").element("h2", "Log", "id", "log-title");
        html.open("ol", "id", "log", "class", "log", "tabindex", "0", "aria-label", "Lines of the log")
                .close("ol");
        html.close("section");
    }

    private void metrics(Html html) {
        JsonNode epochs = job.path("metrics");
        html.open("section").element("h2", "Epochs");
        if (epochs.isEmpty()) {
            Words.empty(html, "No epoch has ended yet.");
        } else {
            Set<String> scores = new LinkedHashSet<>();
            epochs.forEach(epoch -> epoch.propertyNames().forEach(name -> {
                if (!NO_SCORES.contains(name) && epoch.path(name).isNumber()) {
                    scores.add(name);
                }
            }));
            String[] columns = new String[scores.size() + 3];
            columns[0] = "epoch";
            columns[1] = ">training loss";
            columns[2] = ">validation loss";
            int i = 3;
            for (String score : scores) {
                columns[i++] = ">" + score.replace('_', ' ');
            }
            Table table = new Table(html, "Metrics after each epoch", columns);
            epochs.forEach(epoch -> {
                Cell[] cells = new Cell[columns.length];
                cells[0] = Cell.count(epoch, "epoch");
                cells[1] = Cell.decimal(epoch, "train_loss");
                cells[2] = Cell.decimal(epoch, "validation_loss");
                int column = 3;
                for (String score : scores) {
                    cells[column++] = Cell.decimal(epoch, score);
                }
                table.row(cells);
            });
            table.end();
        }
        html.close("section");
    }

    private void checkpoints(Html html) {
        html.open("section").element("h2", "Checkpoints");
        if (checkpoints.isEmpty()) {
            Words.empty(
                    html,
                    work.status().equals("succeeded")
                            ? "The checkpoints were deleted when the job succeeded, because its model replaces them."
                            : "No checkpoint is stored yet.");
        } else {
            boolean canPublish = Forms.allows(session, "publishCheckpoint");
            Table table = canPublish
                    ? new Table(html, "Stored checkpoints", ">step", "epoch", "reason", ">size", "created", "publish")
                    : new Table(html, "Stored checkpoints", ">step", "epoch", "reason", ">size", "created");
            for (JsonNode checkpoint : checkpoints) {
                Cell[] cells = new Cell[canPublish ? 6 : 5];
                cells[0] = Cell.count(checkpoint, "step");
                cells[1] = Cell.of(Numbers.count(checkpoint, "epoch")
                        + (checkpoint.path("best").asBoolean(false) ? ", the best" : ""));
                cells[2] = Cell.name(checkpoint, "reason");
                cells[3] = Cell.of(Numbers.bytes(checkpoint.path("size_bytes").asLong(0)));
                cells[4] = Words.time(checkpoint, "created_at");
                if (canPublish) {
                    cells[5] = publish(checkpoint);
                }
                table.row(cells);
            }
            table.end();
        }
        html.close("section");
    }

    private Cell publish(JsonNode checkpoint) {
        return html -> {
            if (checkpoint.path("has_model").asBoolean(false)) {
                Forms forms = new Forms(html, session);
                String step = checkpoint.path("step").asString();
                if (forms.open("publishCheckpoint", path + "/checkpoints/" + step + "/publish", null, null)) {
                    html.element("button", "Publish", "type", "submit", "aria-label", "Publish step " + step);
                    forms.close();
                }
            } else {
                html.text("within an epoch");
            }
        };
    }

    private void facts(Html html) {
        html.open("section").element("h2", "Facts");
        new Facts(html)
                .add("Id", work.id())
                .add("Task", Cell.name(job, "task"))
                .add("Base model", Cell.name(job, "base_model"))
                .add(
                        "Dataset",
                        Words.link(
                                Api.path("/ui/datasets/%s", job.path("dataset").asString()),
                                job.path("dataset").asString()))
                .add("Attempt", Numbers.count(job, "attempt") + " of " + Numbers.count(job, "max_attempts"))
                .add("Worker", Cell.name(job, "worker"))
                .add("Created", Words.time(job, "created_at"))
                .add("Started", Words.time(job, "started_at"))
                .add("Ended", Words.time(job, "finished_at"))
                .end();
        html.close("section");
    }

    private void settings(Html html) {
        html.open("details").element("summary", "Settings as JSON");
        String json = Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(job);
        html.open("pre", "tabindex", "0")
                .element("code", Html.cut(json, 20_000))
                .close("pre")
                .close("details");
    }
}
