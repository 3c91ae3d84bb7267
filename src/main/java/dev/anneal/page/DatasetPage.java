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
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import tools.jackson.databind.JsonNode;

/** The page of a dataset: its check and facts, and what {@link DatasetProblems}, {@link DatasetContent} and {@link DatasetFamily} show. */
final class DatasetPage {
    private static final int SHOWN = 20;

    private final Api api;
    private final Session session;
    private final JsonNode dataset;
    private final String id;
    private final String path;

    DatasetPage(Api api, Session session, JsonNode dataset) {
        this.api = api;
        this.session = session;
        this.dataset = dataset;
        this.id = dataset.path("id").asString();
        this.path = Api.path("/api/v1/datasets/%s", id);
    }

    ResponseEntity<String> show(@Nullable String code, @Nullable String after) {
        boolean isBusy = dataset.path("progress").isObject();
        boolean isReady = dataset.path("status").asString().equals("ready");
        JsonNode problems = dataset.path("problem_codes").isEmpty()
                ? Json.MAPPER.createObjectNode()
                : api.get(path + "/problems", "limit", "50", "code", code, "after", after);
        JsonNode rows = isReady ? api.get(path + "/rows", "limit", "10") : Json.MAPPER.createObjectNode();
        JsonNode versions = isBusy ? Json.MAPPER.createObjectNode() : api.get(path + "/versions", "limit", "20");
        JsonNode lineage = isBusy ? Json.MAPPER.createObjectNode() : api.get(path + "/lineage");
        return Frame.page(
                dataset.path("name").asString(),
                "datasets",
                html -> {
                    html.open(
                            "div",
                            "id",
                            "now",
                            "hx-get",
                            isBusy ? Api.path("/ui/datasets/%s", id) : null,
                            // The rest of the page follows when the check has ended.
                            "hx-select",
                            "#now",
                            "hx-swap",
                            "outerHTML",
                            "hx-trigger",
                            isBusy ? "every 1s" : null,
                            "hx-headers",
                            "{\"Anneal-Poll\":\"true\"}");
                    facts(html);
                    actions(html, isReady);
                    if (!dataset.path("problem_codes").isEmpty()) {
                        new DatasetProblems(html, session, dataset).write(problems, code, after);
                    }
                    if (isReady) {
                        DatasetContent.write(html, rows, path);
                    }
                    DatasetFamily.write(html, id, versions.path("data"), lineage.path("data"));
                    html.close("div");
                },
                "statistics.js");
    }

    static String counts(JsonNode dataset) {
        long errors = dataset.path("problem_count").asLong(0);
        long warnings = dataset.path("warning_count").asLong(0);
        return errors + warnings == 0
                ? "none"
                : Numbers.count(errors, "error") + ", " + Numbers.count(warnings, "warning");
    }

    private void facts(Html html) {
        JsonNode splits = dataset.path("splits");
        Facts facts = new Facts(html)
                .add("Id", id)
                .add("Status", Words.status(dataset.path("status").asString()))
                .add("Task", Cell.name(dataset, "task"))
                .add("Format", Cell.name(dataset, "format"))
                .add(
                        "Rows",
                        "%s: %s for training, %s for validation, %s for test"
                                .formatted(
                                        Numbers.count(dataset, "row_count"),
                                        Numbers.count(splits, "train"),
                                        Numbers.count(splits, "validation"),
                                        Numbers.count(splits, "test")))
                .add("Size", Numbers.bytes(dataset.path("size_bytes").asLong(0)))
                .add("Problems", counts(dataset))
                .add("Created", Words.time(dataset, "created_at"));
        JsonNode progress = dataset.path("progress");
        if (progress.isObject()) {
            facts.add(
                    "Check",
                    "%s, %s so far"
                            .formatted(
                                    progress.path("phase").asString(),
                                    Numbers.count(progress.path("row_count").asLong(0), "row")));
        }
        String labels = dataset.path("labels")
                .valueStream()
                .limit(SHOWN)
                .map(label -> label.path("name").asString() + " (" + Numbers.count(label, "count") + ")")
                .collect(Collectors.joining(", "));
        if (!labels.isEmpty()) {
            facts.add("Labels", Cell.words(labels));
        }
        facts.end();
    }

    private void actions(Html html, boolean isReady) {
        html.open("div", "class", "actions");
        if (isReady) {
            if (Forms.allows(session, "createJob")) {
                html.element(
                        "a", "Fine-tune a model", "href", Api.path("/ui/jobs/new?dataset=%s", id), "class", "button");
            }
            html.element("a", "Download rows", "href", "/ui" + path + "/export", "class", "button");
        }
        new Forms(html, session)
                .button("deleteDataset", path, "Delete", "/ui/datasets", "Delete this dataset and its rows?");
        html.close("div");
    }
}
