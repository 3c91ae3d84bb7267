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
import java.util.Set;
import org.springframework.http.ResponseEntity;
import tools.jackson.databind.JsonNode;

/** The page of a job: its state and facts, what can be done, and what {@link JobCurves} and {@link JobTables} show. */
final class JobPage {
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
                    JobCurves.write(html, work.id(), isLive);
                    new JobTables(html, session, job).write(checkpoints);
                    JobCurves.log(html);
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
