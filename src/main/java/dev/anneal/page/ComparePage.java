package dev.anneal.page;

import dev.anneal.page.api.Api;
import dev.anneal.page.layout.Frame;
import dev.anneal.page.layout.Words;
import dev.anneal.report.html.Cell;
import dev.anneal.report.html.Html;
import dev.anneal.report.html.Numbers;
import dev.anneal.report.html.Table;
import dev.anneal.role.ForRole;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Compares jobs: in what they differ, their results, and their curves on one chart. */
@RestController
@ForRole("api")
class ComparePage {
    private final Api api;

    ComparePage(Api api) {
        this.api = api;
    }

    @GetMapping("/ui/compare")
    ResponseEntity<String> show(@RequestParam(defaultValue = "") List<String> ids) {
        JsonNode comparison = api.get("/api/v1/jobs/compare", "ids", String.join(",", ids));
        List<JsonNode> jobs = comparison.path("jobs").valueStream().toList();
        String found = jobs.stream().map(job -> job.path("id").asString()).collect(Collectors.joining(","));
        return Frame.page(
                "Compare jobs",
                "jobs",
                html -> {
                    differences(html, jobs, comparison.path("differences"));
                    results(html, jobs);
                    html.open("section", "id", "compared", "data-ids", found, "aria-labelledby", "compared-title")
                            .element("h2", "Curves", "id", "compared-title")
                            .element("p", "", "class", "note", "role", "status")
                            .open("div", "class", "charts")
                            .close("div")
                            .close("section");
                },
                "uplot.css",
                "uplot.js",
                "charts.js",
                "compare.js");
    }

    private static void differences(Html html, List<JsonNode> jobs, JsonNode differences) {
        html.open("section").element("h2", "Differences");
        if (differences.isEmpty()) {
            Words.empty(html, "The jobs have the same settings.");
        } else {
            Table table = table(html, "Settings that differ", "setting", jobs);
            for (JsonNode difference : differences) {
                row(
                        table,
                        difference.path("field").asString(),
                        difference.path("values").valueStream().toList(),
                        value -> value.isNull() ? Cell.of(Numbers.NONE) : Cell.name(value.asString()));
            }
            table.end();
        }
        html.close("section");
    }

    private static void results(Html html, List<JsonNode> jobs) {
        html.open("section").element("h2", "Results");
        Table table = table(html, "Results", "figure", jobs);
        row(table, "status", jobs, job -> Words.status(job.path("status").asString()));
        Set<String> metrics = new LinkedHashSet<>();
        for (JsonNode job : jobs) {
            job.path("test_metrics").propertyStream().forEach(metric -> {
                if (metric.getValue().isNumber()) {
                    metrics.add(metric.getKey());
                }
            });
        }
        for (String metric : metrics) {
            row(table, "test " + metric.replace('_', ' '), jobs, job -> Cell.figure(job.path("test_metrics"), metric));
        }
        row(table, "best epoch", jobs, job -> Cell.count(job.path("best"), "epoch"));
        row(table, "best value", jobs, job -> Cell.of(Numbers.decimal(job.path("best"), "value")));
        table.end();
        html.close("section");
    }

    private static Table table(Html html, String caption, String first, List<JsonNode> jobs) {
        String[] columns = new String[jobs.size() + 1];
        columns[0] = first;
        for (int i = 0; i < jobs.size(); i++) {
            columns[i + 1] = Html.cut(jobs.get(i).path("name").asString(), 60);
        }
        return new Table(html, caption, columns);
    }

    private static void row(Table table, String name, List<JsonNode> values, Function<JsonNode, Cell> cell) {
        Cell[] cells = new Cell[values.size() + 1];
        cells[0] = Cell.name(name);
        for (int i = 0; i < values.size(); i++) {
            cells[i + 1] = cell.apply(values.get(i));
        }
        table.row(cells);
    }
}
