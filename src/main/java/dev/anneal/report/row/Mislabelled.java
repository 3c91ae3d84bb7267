package dev.anneal.report.row;

import dev.anneal.report.html.Cell;
import dev.anneal.report.html.Html;
import dev.anneal.report.html.Numbers;
import dev.anneal.report.html.Table;
import dev.anneal.report.section.MetricText;
import dev.anneal.report.section.Section;
import dev.anneal.report.section.Subject;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** The rows whose label is probably wrong, with the command that removes them. */
public record Mislabelled(Subject subject) implements Section {
    private static final int MOST = 50;

    @Override
    public String id() {
        return "mislabelled";
    }

    @Override
    public String title() {
        return "Probably wrong labels";
    }

    @Override
    public boolean isEmpty() {
        return found().stream().allMatch(split -> split.path("rows").isEmpty());
    }

    private List<JsonNode> found() {
        return subject.findings().path("likely_mislabelled").valueStream().toList();
    }

    /** Returns how many labels are probably wrong. */
    public static long confident(Subject subject) {
        return subject.findings()
                .path("likely_mislabelled")
                .valueStream()
                .mapToLong(split -> split.path("confident").asLong(0))
                .sum();
    }

    @Override
    public void write(Html html) {
        MetricText.note(
                html,
                "By confident learning, the most probable ones first. Look at the rows first: a hard row with the right label may be among them.");
        for (JsonNode split : found()) {
            if (!split.path("rows").isEmpty()) {
                split(html, split);
            }
        }
    }

    private void split(Html html, JsonNode found) {
        String split = found.path("split").asString("");
        long confident = found.path("confident").asLong(0);
        html.element("h3", MetricText.upper(split) + " rows");
        html.element(
                "p",
                "%s of %s %s rows probably have a wrong label, by the scores of %s."
                        .formatted(
                                Numbers.count(confident),
                                Numbers.count(found, "examined"),
                                split,
                                switch (found.path("scores").asString("")) {
                                    case "tf_idf" -> "TF-IDF, which was fitted without each of them";
                                    case "folds" -> "the models of the other folds, which were not trained on them";
                                    default ->
                                        subject.isEvaluation()
                                                ? "the model"
                                                : "the model, which was not trained on them";
                                }));
        if (confident > 0) {
            remedy(html, split, found);
        }
        List<JsonNode> rows = found.path("rows").valueStream().limit(MOST).toList();
        Table table = new Table(
                html,
                MetricText.upper(split) + " rows, the most probably wrong ones first",
                ">row",
                ">line",
                "label",
                "rather",
                ">probability of its label",
                "");
        for (JsonNode row : rows) {
            table.row(
                    Cell.count(row, "row"),
                    HardRows.line(row),
                    Cell.name(row, "label"),
                    Cell.name(row, "suggested_label"),
                    Cell.decimal(row, "probability"),
                    cell -> {
                        if (row.path("confident").asBoolean(false)) {
                            cell.element("span", "sure", "class", "tag");
                        }
                    });
        }
        table.end();
        MetricText.leftOut(html, found.path("rows").size() - rows.size(), "row");
    }

    private void remedy(Html html, String split, JsonNode found) {
        Optional<Subject.Data> dataset = subject.dataset(split);
        if (dataset.isEmpty()) {
            return;
        }
        if (subject.isEvaluation()) {
            String numbers = found.path("rows")
                    .valueStream()
                    .filter(row -> row.path("confident").asBoolean(false))
                    .limit(MOST)
                    .map(row -> String.valueOf(row.path("row").asLong(0)))
                    .collect(Collectors.joining(", "));
            html.open("p")
                    .text(
                            "To remove those that the report is sure of, make a version of the dataset with the step drop_rows and the numbers of the rows, which begin with: ");
            html.element("code", numbers).text(".").close("p");
            return;
        }
        html.element("p", "To remove those that the report is sure of, in a new version of the dataset:");
        html.element(
                "pre",
                "./anneal datasets fix %s --drop-mislabelled %s"
                        .formatted(dataset.get().id(), subject.id()),
                "tabindex",
                "0");
        html.open("p").text("To give them the other label: ").element("code", "--relabel-mislabelled");
        html.text(".").close("p");
    }
}
