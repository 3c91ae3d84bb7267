package dev.anneal.page;

import dev.anneal.page.api.Api;
import dev.anneal.page.layout.Forms;
import dev.anneal.page.layout.Words;
import dev.anneal.page.session.Session;
import dev.anneal.report.html.Cell;
import dev.anneal.report.html.Html;
import dev.anneal.report.html.Table;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The problems of a dataset: by kind, each with the call that repairs it, and the rows that have them. */
final class DatasetProblems {
    /** The step that repairs rows with a problem, by the code of the problem. */
    private static final Map<String, String> REPAIRS = repairs();

    private final Html html;
    private final Session session;
    private final JsonNode dataset;
    private final String id;
    private final String path;

    DatasetProblems(Html html, Session session, JsonNode dataset) {
        this.html = html;
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

    void write(JsonNode problems, @Nullable String code, @Nullable String after) {
        kinds();
        rows(problems, code, after);
    }

    private void kinds() {
        boolean isReady = dataset.path("status").asString().equals("ready");
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
        return cell -> {
            Forms forms = new Forms(cell, session);
            if (step == null) {
                cell.text("in the file");
            } else if (forms.open("createDatasetVersion", path + "/versions", null, null)) {
                cell.open("textarea", "data-rest", "", "hidden", "", "aria-hidden", "true")
                        .text("{\"steps\": [{\"type\": \"" + step + "\"}]}")
                        .close("textarea");
                cell.element("button", step.replace('_', ' '), "type", "submit", "title", "Makes a new version");
                forms.close();
            }
        };
    }

    private void rows(JsonNode problems, @Nullable String code, @Nullable String after) {
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
}
