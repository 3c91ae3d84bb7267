package dev.anneal.page;

import dev.anneal.json.Json;
import dev.anneal.page.api.Api;
import dev.anneal.page.api.Contract;
import dev.anneal.page.layout.Facts;
import dev.anneal.page.layout.Forms;
import dev.anneal.page.layout.Frame;
import dev.anneal.page.layout.Listing;
import dev.anneal.page.layout.Words;
import dev.anneal.page.session.Session;
import dev.anneal.report.html.Cell;
import dev.anneal.report.html.Html;
import dev.anneal.report.html.Numbers;
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

/** The list of models, and the page of a model. */
@RestController
@ForRole("api")
class ModelPages {
    private final Api api;
    private final Contract contract;

    ModelPages(Api api, Contract contract) {
        this.api = api;
        this.contract = contract;
    }

    @GetMapping("/ui/models")
    ResponseEntity<String> list(
            @RequestParam(required = false) @Nullable String kind,
            @RequestParam(required = false) @Nullable String after) {
        String wanted = Listing.wanted(kind);
        JsonNode page = api.get("/api/v1/models", "limit", "20", "kind", wanted, "after", after);
        return Frame.page("Models", "models", html -> {
            Listing list = new Listing(html, "model", page, after);
            list.filter("kind", "Kind", contract.values("ModelKind"), wanted);
            list.table(
                    "Models, newest first",
                    List.of("name", "kind", "status", "task", ">parameters", "created"),
                    ModelPages::row,
                    "There is no model. A job publishes a model when it succeeds.");
            list.pages();
        });
    }

    private static Cell[] row(JsonNode model) {
        return new Cell[] {
            Words.link(
                    Api.path("/ui/models/%s", model.path("id").asString()),
                    model.path("name").asString()),
            Cell.name(model, "kind"),
            Words.status(model.path("status").asString()),
            Cell.name(model, "task"),
            Cell.count(model, "parameters"),
            Words.time(model, "created_at")
        };
    }

    @GetMapping("/ui/models/{id}")
    ResponseEntity<String> show(@PathVariable String id, HttpServletRequest request) {
        JsonNode model = api.get(Api.path("/api/v1/models/%s", id));
        Session session = Session.of(request);
        String path = Api.path("/api/v1/models/%s", model.path("id").asString());
        return Frame.page(model.path("name").asString(), "models", html -> {
            String error = model.path("error").path("message").asString("");
            if (!error.isEmpty()) {
                html.open("p", "class", "fault").user(error, 2000).close("p");
            }
            html.open("div", "class", "actions");
            if (model.path("status").asString().equals("ready")) {
                html.element("a", "Download", "href", "/ui" + path + "/download", "class", "button");
            }
            if (PlaygroundPage.operation(model) != null) {
                html.element(
                        "a",
                        "Try it",
                        "href",
                        Api.path("/ui/playground?model=%s", model.path("id").asString()),
                        "class",
                        "button");
            }
            if (canDelete(model, session)) {
                new Forms(html, session)
                        .button("deleteModel", path, "Delete", "/ui/models", "Delete this model and its files?");
            }
            html.close("div");
            facts(html, model);
        });
    }

    /** Returns whether the API would delete the model: all projects may share a base model, and the bundled one stays. */
    private static boolean canDelete(JsonNode model, Session session) {
        return !model.path("kind").asString().equals("base")
                || session.caller().serverAdmin()
                        && !model.path("source").asString("").isEmpty();
    }

    private static void facts(Html html, JsonNode model) {
        Facts facts = new Facts(html)
                .add("Id", model.path("id").asString())
                .add("Kind", Cell.name(model, "kind"))
                .add("Status", Words.status(model.path("status").asString()))
                .add("Task", Cell.name(model, "task"))
                .add("Architecture", Cell.name(model, "architecture"))
                .add("Parameters", Numbers.count(model, "parameters"))
                .add("Base model", Cell.name(model, "base_model"));
        String job = model.path("job").asString("");
        if (!job.isEmpty()) {
            facts.add("Job", Words.link(Api.path("/ui/jobs/%s", job), job));
        }
        String dataset = model.path("dataset").asString("");
        if (!dataset.isEmpty()) {
            facts.add("Dataset", Words.link(Api.path("/ui/datasets/%s", dataset), dataset));
        }
        facts.add("Source", Cell.name(model, "source"))
                .add("Created", Words.time(model, "created_at"))
                .end();
        if (model.path("metrics").isObject()) {
            Table table = new Table(html, "Metrics of the published epoch", "metric", ">value");
            model.path("metrics").propertyStream().forEach(metric -> {
                if (metric.getValue().isNumber()) {
                    table.row(
                            Cell.name(metric.getKey().replace('_', ' ')),
                            Cell.figure(model.path("metrics"), metric.getKey()));
                }
            });
            table.end();
        }
        html.open("details").element("summary", "Everything as JSON").open("pre", "tabindex", "0");
        html.element(
                "code", Html.cut(Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(model), 20_000));
        html.close("pre").close("details");
    }
}
