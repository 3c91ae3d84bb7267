package dev.anneal.page;

import dev.anneal.page.api.Api;
import dev.anneal.page.layout.Filter;
import dev.anneal.page.layout.Forms;
import dev.anneal.page.layout.Frame;
import dev.anneal.page.layout.Words;
import dev.anneal.page.session.Session;
import dev.anneal.report.html.Cell;
import dev.anneal.report.html.Html;
import dev.anneal.report.html.Table;
import dev.anneal.role.ForRole;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** The list of jobs, and the page of a job. */
@RestController
@ForRole("api")
class JobPages {
    private static final List<String> STATUSES =
            List.of("queued", "running", "paused", "succeeded", "failed", "cancelled");

    private final Api api;

    JobPages(Api api) {
        this.api = api;
    }

    @GetMapping("/ui/jobs")
    ResponseEntity<String> list(
            @RequestParam(required = false) @Nullable String status,
            @RequestParam(required = false) @Nullable String after,
            HttpServletRequest request) {
        String wanted = status == null || status.isEmpty() ? null : status;
        JsonNode page = api.get("/api/v1/jobs", "limit", "20", "status", wanted, "after", after);
        return Frame.page("Jobs", "jobs", html -> {
            if (Forms.allows(Session.of(request), "createJob")) {
                html.open("div", "class", "actions")
                        .element("a", "New job", "href", "/ui/jobs/new", "class", "button")
                        .close("div");
            }
            Filter.write(html, "/ui/jobs", "status", "Status", STATUSES, wanted);
            table(html, page.path("data"), wanted, after);
            Words.pages(html, page, "/ui/jobs", wanted == null ? "" : "status=" + wanted, after);
        });
    }

    private static void table(Html html, JsonNode data, @Nullable String status, @Nullable String after) {
        if (data.isEmpty()) {
            Words.empty(
                    html,
                    after != null
                            ? "No more jobs follow."
                            : status != null
                                    ? "No job is " + status + "."
                                    : "This project has no job. Upload a dataset first, then create a job with it.");
            return;
        }
        html.open("form", "method", "get", "action", "/ui/compare");
        Table table = new Table(
                html, "Jobs, newest first", "name", "status", "task", "base model", "progress", "created", "compare");
        for (JsonNode view : data) {
            Work job = new Work(Work.Kind.jobs, view);
            table.row(
                    job.link(),
                    Words.status(job.status()),
                    Cell.name(view, "task"),
                    Cell.name(view, "base_model"),
                    job.status().equals("running") ? job.progress() : job.result(),
                    Words.time(view, "created_at"),
                    choose(job));
        }
        table.end();
        if (data.size() > 1) {
            html.element("button", "Compare the chosen jobs", "type", "submit");
        }
        html.close("form");
    }

    private static Cell choose(Work job) {
        return html -> html.empty(
                "input",
                "type",
                "checkbox",
                "name",
                "ids",
                "value",
                job.id(),
                "aria-label",
                "Compare " + Html.cut(job.name(), 80));
    }

    @GetMapping("/ui/jobs/{id}")
    ResponseEntity<String> show(@PathVariable String id, HttpServletRequest request) {
        JsonNode job = api.get(Api.path("/api/v1/jobs/%s", id));
        JsonNode checkpoints =
                api.get(Api.path("/api/v1/jobs/%s/checkpoints", job.path("id").asString()));
        return new JobPage(job, checkpoints.path("data"), Session.of(request)).show();
    }
}
