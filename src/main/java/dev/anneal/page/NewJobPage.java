package dev.anneal.page;

import dev.anneal.json.Json;
import dev.anneal.page.api.Api;
import dev.anneal.page.api.Contract;
import dev.anneal.page.layout.Forms;
import dev.anneal.page.layout.Frame;
import dev.anneal.page.layout.JsonFields;
import dev.anneal.page.layout.Words;
import dev.anneal.page.session.Session;
import dev.anneal.report.html.Html;
import dev.anneal.role.ForRole;
import jakarta.servlet.http.HttpServletRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The form for a new job. A script shows the estimate of the API while it is filled in, and the same request for curl. */
@RestController
@ForRole("api")
class NewJobPage {
    private final Api api;
    private final Contract contract;

    NewJobPage(Api api, Contract contract) {
        this.api = api;
        this.contract = contract;
    }

    @GetMapping("/ui/jobs/new")
    ResponseEntity<String> show(
            @RequestParam(required = false) @Nullable String from,
            @RequestParam(required = false) @Nullable String dataset,
            HttpServletRequest request) {
        ObjectNode given =
                from == null ? Json.MAPPER.createObjectNode() : cloned(api.get(Api.path("/api/v1/jobs/%s", from)));
        if (dataset != null) {
            given.put("dataset", dataset);
        }
        JsonNode models = api.get("/api/v1/models", "kind", "base", "limit", "200");
        JsonNode datasets = api.get("/api/v1/datasets", "status", "ready", "limit", "200");
        Session session = Session.of(request);
        return Frame.page(
                from == null ? "New job" : "Clone a job",
                "jobs",
                html -> write(html, session, given, ready(models), ready(datasets)),
                "newjob.js");
    }

    /** Returns the request that would make the same job again. A job shows the fields of its request under the same names. */
    private ObjectNode cloned(JsonNode job) {
        ObjectNode request = Json.MAPPER.createObjectNode();
        for (String field : contract.fields("JobRequest")) {
            JsonNode value = withoutNulls(job.path(field));
            if (!value.isNull() && !value.isMissingNode() && !(value.isContainer() && value.isEmpty())) {
                request.set(field, value);
            }
        }
        return request.put("name", Html.cut(job.path("name").asString(), 180) + " again");
    }

    private static JsonNode withoutNulls(JsonNode node) {
        if (!node.isObject()) {
            return node;
        }
        ObjectNode copy = Json.MAPPER.createObjectNode();
        node.propertyStream()
                .filter(field -> !field.getValue().isNull())
                .forEach(field -> copy.set(field.getKey(), withoutNulls(field.getValue())));
        return copy;
    }

    /** Returns the names of what is ready, by id. */
    private static Map<String, String> ready(JsonNode page) {
        Map<String, String> names = new LinkedHashMap<>();
        for (JsonNode each : page.path("data")) {
            if (each.path("status").asString().equals("ready")) {
                names.put(each.path("id").asString(), each.path("name").asString());
            }
        }
        return names;
    }

    private void write(
            Html html, Session session, ObjectNode given, Map<String, String> models, Map<String, String> datasets) {
        if (datasets.isEmpty()) {
            Words.empty(
                    html,
                    "This project has no dataset that is ready. Upload a file on the page of the datasets first.");
            html.open("p").element("a", "Datasets", "href", "/ui/datasets").close("p");
            return;
        }
        Forms forms = new Forms(html, session);
        if (!forms.open("createJob", "/api/v1/jobs", null, null)) {
            Words.empty(html, "To create a job, sign in with a key that has the role editor.");
            return;
        }
        JsonFields fields = new JsonFields(html, given);
        html.open("div", "class", "columns").open("div");
        fields.text("name", "Name", "The name of the job and of its model. Leave it out to get one.");
        fields.choice("base_model", "Base model", "The model that the job starts from.", models, null);
        fields.choice(
                "dataset",
                "Dataset",
                "The rows to train on. Its splits are used for validation and test.",
                datasets,
                null);
        fields.choice("task", "Task", "Defaults to the task of the dataset.", same(contract.values("Task")), "auto");
        fields.choice(
                "method.type",
                "Method",
                "The weights that are trained: all, the upper layers, only the head, or small additions (LoRA).",
                same(contract.values("MethodType")),
                "auto");
        fields.number("hyperparameters.epochs", "Epochs", "How often training passes over the rows.");
        fields.number("hyperparameters.learning_rate", "Learning rate", "The highest rate, reached after the warm-up.");
        fields.number("hyperparameters.batch_size", "Batch size", "Examples in one forward pass.");
        fields.number(
                "hyperparameters.max_length", "Maximum length", "Tokens of a text. Longer texts are cut or split.");
        fields.rest("Other fields as JSON", "All fields of POST /api/v1/jobs. The fields above win.");
        html.element("button", "Create the job", "type", "submit");
        html.close("div").open("div");
        html.open("section", "aria-labelledby", "estimate-title", "class", "card")
                .element("h2", "Estimate", "id", "estimate-title")
                .open("div", "id", "estimate", "aria-live", "polite")
                .close("div")
                .close("section");
        html.element("h2", "The same as JSON").open("pre", "tabindex", "0", "aria-label", "The request as JSON");
        html.element("code", "", "id", "json").close("pre");
        html.element("h2", "The same with curl").open("pre", "tabindex", "0", "aria-label", "The request with curl");
        html.element("code", "", "id", "curl").close("pre");
        html.close("div").close("div");
        forms.close();
    }

    private static Map<String, String> same(List<String> values) {
        Map<String, String> names = new LinkedHashMap<>();
        values.forEach(value -> names.put(value, value));
        return names;
    }
}
