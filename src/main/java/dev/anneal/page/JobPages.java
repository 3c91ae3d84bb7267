package dev.anneal.page;

import dev.anneal.page.api.Api;
import dev.anneal.page.api.Contract;
import dev.anneal.page.layout.Forms;
import dev.anneal.page.layout.Frame;
import dev.anneal.page.layout.Listing;
import dev.anneal.page.layout.Words;
import dev.anneal.page.session.Session;
import dev.anneal.report.html.Cell;
import dev.anneal.report.html.Html;
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
    private final Api api;
    private final Contract contract;

    JobPages(Api api, Contract contract) {
        this.api = api;
        this.contract = contract;
    }

    @GetMapping("/ui/jobs")
    ResponseEntity<String> list(
            @RequestParam(required = false) @Nullable String status,
            @RequestParam(required = false) @Nullable String after,
            HttpServletRequest request) {
        String wanted = Listing.wanted(status);
        JsonNode page = api.get("/api/v1/jobs", "limit", "20", "status", wanted, "after", after);
        return Frame.page("Jobs", "jobs", html -> {
            if (Forms.allows(Session.of(request), "createJob")) {
                html.open("div", "class", "actions")
                        .element("a", "New job", "href", "/ui/jobs/new", "class", "button")
                        .close("div");
            }
            Listing list = new Listing(html, "job", page, after);
            list.filter("status", "Status", contract.values("JobStatus"), wanted);
            html.open("form", "method", "get", "action", "/ui/compare");
            list.table(
                    "Jobs, newest first",
                    List.of("name", "status", "task", "base model", "progress", "created", "compare"),
                    JobPages::row,
                    "This project has no job. Upload a dataset first, then create a job with it.");
            if (page.path("data").size() > 1) {
                html.element("button", "Compare the chosen jobs", "type", "submit");
            }
            html.close("form");
            list.pages();
        });
    }

    private static Cell[] row(JsonNode view) {
        Work job = new Work(Work.Kind.jobs, view);
        return new Cell[] {
            job.link(),
            Words.status(job.status()),
            Cell.name(view, "task"),
            Cell.name(view, "base_model"),
            job.status().equals("running") ? job.progress() : job.result(),
            Words.time(view, "created_at"),
            choose(job)
        };
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
