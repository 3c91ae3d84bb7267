package dev.anneal.page;

import dev.anneal.page.api.Api;
import dev.anneal.page.layout.Frame;
import dev.anneal.page.layout.Words;
import dev.anneal.report.html.Cell;
import dev.anneal.report.html.Html;
import dev.anneal.report.html.Numbers;
import dev.anneal.report.html.Table;
import dev.anneal.role.ForRole;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** The home page: what runs, what waits and why, what has ended, and the workers. */
@RestController
@ForRole("api")
class HomePage {
    private static final Set<String> ENDED = Set.of("succeeded", "failed", "cancelled");

    private final Api api;

    HomePage(Api api) {
        this.api = api;
    }

    @GetMapping("/ui")
    ResponseEntity<String> show() {
        List<Work> running = new ArrayList<>();
        List<Work> waiting = new ArrayList<>();
        List<Work> ended = new ArrayList<>();
        for (Work.Kind kind : Work.Kind.values()) {
            running.addAll(read(kind, "running"));
            waiting.addAll(read(kind, "queued"));
            waiting.addAll(read(kind, "paused"));
        }
        api.get("/api/v1/jobs", "limit", "20").path("data").forEach(job -> {
            if (ENDED.contains(job.path("status").asString())) {
                ended.add(new Work(Work.Kind.jobs, job));
            }
        });
        JsonNode workers = api.get("/api/v1/workers", "limit", "50").path("data");
        boolean isNew = running.isEmpty() && waiting.isEmpty() && ended.isEmpty();
        boolean hasData =
                isNew && !api.get("/api/v1/datasets", "limit", "1").path("data").isEmpty();
        return Frame.page("Home", "home", html -> {
            html.open(
                    "div",
                    "id",
                    "now",
                    "hx-get",
                    "/ui",
                    "hx-select",
                    "#now",
                    "hx-swap",
                    "outerHTML",
                    "hx-trigger",
                    "every 5s",
                    "hx-headers",
                    "{\"Anneal-Poll\":\"true\"}");
            if (isNew) {
                firstSteps(html, hasData);
            }
            running(html, running);
            waiting(html, waiting);
            ended(html, ended);
            workers(html, workers);
            html.close("div");
        });
    }

    private List<Work> read(Work.Kind kind, String status) {
        return api.get("/api/v1/" + kind, "status", status, "limit", "20")
                .path("data")
                .valueStream()
                .map(view -> new Work(kind, view))
                .toList();
    }

    private static void firstSteps(Html html, boolean hasData) {
        html.open("section", "class", "card").element("h2", "First steps").open("ol");
        html.open("li");
        html.element("a", hasData ? "Look at your datasets" : "Upload a dataset", "href", "/ui/datasets");
        html.text(": a file with texts and labels, prompts and answers, or plain text.")
                .close("li");
        html.open("li")
                .element("a", "Create a job", "href", "/ui/jobs/new")
                .text(": it fine-tunes a base model on the dataset.")
                .close("li");
        html.open("li")
                .element("a", "Call the model", "href", "/ui/models")
                .text(" that the job publishes.")
                .close("li");
        html.close("ol").close("section");
    }

    private static void running(Html html, List<Work> running) {
        html.open("section").element("h2", "Running");
        if (running.isEmpty()) {
            Words.empty(html, "No job runs.");
        } else {
            Table table = new Table(html, "Jobs that run", "job", "kind", "progress", "time left", "worker");
            for (Work work : running) {
                table.row(
                        work.link(),
                        Cell.of(work.kind().noun()),
                        work.progress(),
                        Cell.of(work.timeLeft()),
                        Cell.name(work.view(), "worker"));
            }
            table.end();
        }
        html.close("section");
    }

    private static void waiting(Html html, List<Work> waiting) {
        html.open("section").element("h2", "Waiting");
        if (waiting.isEmpty()) {
            Words.empty(html, "No job waits.");
        } else {
            Table table = new Table(html, "Jobs that wait", "job", "kind", ">position", "reason", "expected start");
            for (Work work : waiting) {
                JsonNode queue = work.view().path("queue");
                table.row(
                        work.link(),
                        Cell.of(work.kind().noun()),
                        Cell.count(queue, "position"),
                        Cell.of(queue.path("message").asString("The job is paused. Resume it to continue.")),
                        Words.time(queue, "expected_start_at"));
            }
            table.end();
        }
        html.close("section");
    }

    private static void ended(Html html, List<Work> ended) {
        html.open("section").element("h2", "Ended last");
        if (ended.isEmpty()) {
            Words.empty(html, "No job has ended yet.");
        } else {
            Table table = new Table(html, "Jobs that ended last", "job", "status", "result", "ended");
            for (Work work : ended.subList(0, Math.min(10, ended.size()))) {
                table.row(
                        work.link(),
                        Words.status(work.status()),
                        work.result(),
                        Words.time(work.view(), "finished_at"));
            }
            table.end();
        }
        html.close("section");
    }

    private static void workers(Html html, JsonNode workers) {
        html.open("section").element("h2", "Workers");
        if (workers.isEmpty()) {
            Words.empty(html, "No worker is connected, so no job can start. Start one: ./anneal serve --roles worker.");
        } else {
            Table table = new Table(html, "Workers and their devices", "worker", "status", "device", "memory", "job");
            for (JsonNode worker : workers) {
                for (JsonNode device : worker.path("devices")) {
                    String job = device.path("job").asString("");
                    table.row(
                            Cell.name(worker.path("host").asString() + " / "
                                    + device.path("slot").asString()),
                            Words.status(worker.path("status").asString()),
                            Cell.name(device, "device"),
                            Cell.of(
                                    device.path("memory_bytes").isNumber()
                                            ? Numbers.bytes(
                                                    device.path("memory_bytes").asLong())
                                            : "no limit"),
                            job.isEmpty() ? Cell.of("free") : Cell.name(job));
                }
            }
            table.end();
        }
        html.close("section");
    }
}
