package dev.anneal.report.row;

import dev.anneal.report.html.Cell;
import dev.anneal.report.html.Html;
import dev.anneal.report.html.Numbers;
import dev.anneal.report.html.Table;
import dev.anneal.report.section.MetricText;
import dev.anneal.report.section.Section;
import dev.anneal.report.section.Subject;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** The rows with the highest loss. */
public record HardRows(Subject subject) implements Section {
    private static final int MOST = 20;

    @Override
    public String id() {
        return "hardest";
    }

    @Override
    public String title() {
        return "Hardest rows";
    }

    @Override
    public boolean isEmpty() {
        return rows().isEmpty();
    }

    private JsonNode rows() {
        return subject.findings().path("hardest_rows");
    }

    @Override
    public void write(Html html) {
        List<JsonNode> rows = rows().valueStream().limit(MOST).toList();
        Table table = new Table(html, "The rows with the highest loss", ">row", ">line", ">loss", "text");
        for (JsonNode row : rows) {
            table.row(Cell.count(row, "row"), line(row), Cell.decimal(row, "loss"), Cell.words(row, "text"));
        }
        table.end();
        MetricText.leftOut(html, rows().size() - MOST, "row");
    }

    /** Returns the line of the uploaded file, with the file if there are several. */
    static Cell line(JsonNode row) {
        return html -> {
            if (row.path("file").isString()) {
                html.user(row.path("file").asString(""), 60).text(":");
            }
            html.text(Numbers.count(row, "line"));
        };
    }
}
