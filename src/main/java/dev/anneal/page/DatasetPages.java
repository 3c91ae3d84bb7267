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

/** The list of datasets, with the upload of a file, and the page of a dataset. */
@RestController
@ForRole("api")
class DatasetPages {
    private final Api api;
    private final Contract contract;

    DatasetPages(Api api, Contract contract) {
        this.api = api;
        this.contract = contract;
    }

    @GetMapping("/ui/datasets")
    ResponseEntity<String> list(
            @RequestParam(required = false) @Nullable String status,
            @RequestParam(required = false) @Nullable String after,
            HttpServletRequest request) {
        String wanted = Listing.wanted(status);
        JsonNode page = api.get("/api/v1/datasets", "limit", "20", "status", wanted, "after", after);
        Session session = Session.of(request);
        return Frame.page("Datasets", "datasets", html -> {
            upload(html, session);
            Listing list = new Listing(html, "dataset", page, after);
            list.filter("status", "Status", contract.values("Dataset", "status"), wanted);
            list.table(
                    "Datasets, newest first",
                    List.of("name", "status", "task", ">rows", "problems", "created"),
                    DatasetPages::row,
                    "This project has no dataset. Upload a file to begin.");
            list.pages();
        });
    }

    private static Cell[] row(JsonNode dataset) {
        return new Cell[] {
            Words.link(
                    Api.path("/ui/datasets/%s", dataset.path("id").asString()),
                    dataset.path("name").asString()),
            Words.status(dataset.path("status").asString()),
            Cell.name(dataset, "task"),
            Cell.count(dataset, "row_count"),
            Cell.of(DatasetPage.counts(dataset)),
            Words.time(dataset, "created_at")
        };
    }

    private static void upload(Html html, Session session) {
        Forms forms = new Forms(html, session);
        html.open("details", "class", "card").element("summary", "Upload a file");
        if (forms.open("createDataset", "/api/v1/datasets", null, null)) {
            html.open("div", "class", "drop", "data-drop", "")
                    .element("label", "File", "for", "file")
                    .empty("input", "type", "file", "id", "file", "name", "file", "required", "")
                    .element(
                            "p",
                            "CSV, TSV, JSON, JSONL, Parquet, CoNLL or text, also compressed. You can drop it here.",
                            "class",
                            "note")
                    .close("div");
            html.element("label", "Name (optional)", "for", "name")
                    .empty("input", "type", "text", "id", "name", "name", "name", "maxlength", "200");
            html.element("button", "Upload and check", "type", "submit");
            html.empty("progress", "class", "upload", "max", "100", "hidden", "", "aria-label", "Upload");
            forms.close();
        } else {
            html.element("p", "To upload a file, sign in with a key that has the role editor.", "class", "note");
        }
        html.close("details");
    }

    @GetMapping("/ui/datasets/{id}")
    ResponseEntity<String> show(
            @PathVariable String id,
            @RequestParam(required = false) @Nullable String code,
            @RequestParam(required = false) @Nullable String after,
            HttpServletRequest request) {
        JsonNode dataset = api.get(Api.path("/api/v1/datasets/%s", id));
        return new DatasetPage(api, Session.of(request), dataset).show(code, after);
    }
}
