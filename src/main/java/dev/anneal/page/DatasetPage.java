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
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import tools.jackson.databind.JsonNode;

/** The page of a dataset: its check, problems, rows, statistics, versions and lineage. */
final class DatasetPage {
    /** The step that repairs rows with a problem, by the code of the problem. */
    private static final Map<String, String> REPAIRS = repairs();

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

    private static Map<String, String> repairs() {
        Map<String, String> steps = new LinkedHashMap<>();
        steps.put("duplicate", "drop_duplicates");
        steps.put("near_duplicate", "drop_near_duplicates");
        steps.put("leakage", "remove_leakage");
        steps.put("near_leakage", "remove_leakage");
        for (String kind : Set.of("email", "phone", "card", "iban")) {
            steps.put("personal_" + kind, "redact");
        }
        return steps;
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
                            isBusy ? "every 1s" : null);
                    facts(html);
                    actions(html, isReady);
                    if (!dataset.path("problem_codes").isEmpty()) {
                        kinds(html, isReady);
                        problems(html, problems, code, after);
                    }
                    if (isReady) {
                        rows(html, rows);
                        statistics(html);
                    }
                    family(html, versions.path("data"), lineage.path("data"));
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

    private void kinds(Html html, boolean isReady) {
        html.open("section").element("h2", "Problems by kind");
        boolean canRepair = isReady && Forms.allows(session, "createDatasetVersion");
        Table table = canRepair
                ? new Table(html, "Problems by kind", "code", "severity", ">count", "repair")
                : new Table(html, "Problems by kind", "code", "severity", ">count");
        for (JsonNode kind : dataset.path("problem_codes")) {
            String code = kind.path("code").asString();
            Cell name = Words.link(Api.path("/ui/datasets/%s?code=%s", id, code), code);
            Cell severity = Cell.name(kind, "severity");
            Cell count = Cell.count(kind, "count");
            if (canRepair) {
                table.row(name, severity, count, repair(code));
            } else {
                table.row(name, severity, count);
            }
        }
        table.end();
        if (!isReady) {
            html.element(
                    "p",
                    "The dataset was rejected, so no job can use it. Correct the lines below in your file and upload it again.",
                    "class",
                    "note");
        }
        html.open("p")
                .element("a", "All problems as CSV", "href", "/ui" + path + "/problems.csv")
                .close("p");
        html.close("section");
    }

    /** Returns a cell with the call that repairs the rows in a new version. */
    private Cell repair(String code) {
        String step = REPAIRS.get(code);
        return html -> {
            Forms forms = new Forms(html, session);
            if (step == null) {
                html.text("in the file");
            } else if (forms.open("createDatasetVersion", path + "/versions", null, null)) {
                html.open("textarea", "data-rest", "", "hidden", "", "aria-hidden", "true")
                        .text("{\"steps\": [{\"type\": \"" + step + "\"}]}")
                        .close("textarea");
                html.element("button", step.replace('_', ' '), "type", "submit", "title", "Makes a new version");
                forms.close();
            }
        };
    }

    private void problems(Html html, JsonNode problems, @Nullable String code, @Nullable String after) {
        html.open("section").open("h2").text("Rows with problems");
        if (code != null) {
            html.text(": ").user(code, 60);
        }
        html.close("h2");
        JsonNode data = problems.path("data");
        if (data.isEmpty()) {
            Words.empty(html, "No more problems follow.");
        } else {
            Table table = new Table(html, "Rows with problems", ">line", "column", "severity", "message");
            for (JsonNode problem : data) {
                table.row(
                        Cell.count(problem, "line"),
                        Cell.name(problem, "column"),
                        Cell.name(problem, "severity"),
                        Cell.words(problem, "message"));
            }
            table.end();
        }
        Words.pages(
                html,
                problems,
                Api.path("/ui/datasets/%s", id),
                code == null ? "" : Api.path("code=%s", code),
                "number",
                after);
        html.close("section");
    }

    private void rows(Html html, JsonNode rows) {
        html.open("section").element("h2", "First rows");
        Table table = new Table(html, "First rows", ">row", "split", "content");
        for (JsonNode row : rows.path("data")) {
            String content = row.propertyStream()
                    .filter(field -> !Set.of("number", "split").contains(field.getKey()))
                    .map(field -> field.getKey() + ": "
                            + (field.getValue().isString()
                                    ? field.getValue().asString()
                                    : field.getValue().toString()))
                    .collect(Collectors.joining("\n"));
            table.row(Cell.count(row, "number"), Cell.name(row, "split"), Cell.words(content));
        }
        table.end();
        html.close("section");
    }

    /** Writes the place of the statistics, which take time for many rows, so a script asks for them. */
    private void statistics(Html html) {
        html.open("section", "id", "statistics", "data-path", "/ui" + path + "/statistics")
                .element("h2", "Statistics")
                .element("p", "The server counts…", "class", "note", "role", "status")
                .close("section");
    }

    private void family(Html html, JsonNode versions, JsonNode lineage) {
        if (versions.isEmpty() && lineage.size() < 2) {
            return;
        }
        html.open("section").element("h2", "Versions and lineage");
        Table table = new Table(
                html,
                "Datasets that this one was made of, or that were made of it",
                "dataset",
                "relation",
                ">rows",
                "changes");
        for (JsonNode version : versions) {
            relative(table, version, "made of this one");
        }
        for (JsonNode ancestor : lineage) {
            if (!ancestor.path("id").asString().equals(id)) {
                relative(table, ancestor, "this one was made of it");
            }
        }
        table.end();
        html.close("section");
    }

    private static void relative(Table table, JsonNode other, String relation) {
        String changes = other.path("changes")
                .valueStream()
                .map(change -> change.path("step")
                        .path("type")
                        .asString(change.path("type").asString("")))
                .filter(type -> !type.isEmpty())
                .collect(Collectors.joining(", "));
        table.row(
                Words.link(
                        Api.path("/ui/datasets/%s", other.path("id").asString()),
                        other.path("name").asString()),
                Cell.of(relation),
                Cell.count(other, "row_count"),
                Cell.name(changes.isEmpty() ? Numbers.NONE : changes));
    }
}
