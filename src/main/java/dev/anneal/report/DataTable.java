package dev.anneal.report;

import dev.anneal.report.html.Cell;
import dev.anneal.report.html.Html;
import dev.anneal.report.html.Numbers;
import dev.anneal.report.html.Table;
import dev.anneal.report.section.MetricText;
import dev.anneal.report.section.Section;
import dev.anneal.report.section.Subject;
import dev.anneal.spec.EvaluationSpec;
import dev.anneal.spec.Subset;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** The datasets with their hashes, and what the server warned of. */
record DataTable(Subject subject) implements Section {
    private static final int MOST_WARNINGS = 30;

    @Override
    public String id() {
        return "data";
    }

    @Override
    public String title() {
        return "Data";
    }

    @Override
    public boolean isEmpty() {
        return false;
    }

    @Override
    public void write(Html html) {
        if (subject.datasets().isEmpty()) {
            html.element("p", "The dataset " + subject.spec().dataset() + " was deleted.");
        }
        datasets(html);
        amounts(html);
        warnings(html);
        for (JsonNode sentence : subject.findings().path("left_out")) {
            MetricText.note(html, sentence.asString(""));
        }
    }

    private void datasets(Html html) {
        if (subject.datasets().isEmpty()) {
            return;
        }
        Table table = new Table(
                html, "Datasets", "dataset", "used for", ">training rows", ">validation rows", ">test rows", "SHA-256");
        for (Subject.Data data : subject.datasets()) {
            table.row(
                    cell -> cell.user(data.name(), 80)
                            .open("div", "class", "id")
                            .text(data.id())
                            .close("div"),
                    Cell.of(String.join(", ", data.splits())),
                    Cell.of(Numbers.count(data.train())),
                    Cell.of(Numbers.count(data.validation())),
                    Cell.of(Numbers.count(data.test())),
                    cell -> cell.element("code", data.sha256(), "class", "hash"));
        }
        table.end();
    }

    private void amounts(Html html) {
        Subset subset = subject.spec().subset();
        if (subset != null) {
            html.element(
                    "p",
                    subset.rows() != null
                            ? "The job trained on " + Numbers.count(subset.rows(), "row") + " of the training rows."
                            : "The job trained on %s of the training rows."
                                    .formatted(Numbers.percent(subset.fraction() == null ? 1 : subset.fraction())));
        }
        EvaluationSpec evaluation = subject.spec().evaluation();
        if (evaluation != null && !evaluation.labelMap().isEmpty()) {
            Table table = new Table(html, "Names of labels", "label of the dataset", "label of the model");
            evaluation.labelMap().entrySet().stream()
                    .limit(MOST_WARNINGS)
                    .forEach(entry -> table.row(Cell.name(entry.getKey()), Cell.name(entry.getValue())));
            table.end();
            MetricText.leftOut(html, evaluation.labelMap().size() - MOST_WARNINGS, "label");
        }
        long truncated = subject.report().path("truncated").asLong(0);
        if (truncated > 0) {
            html.element(
                    "p",
                    "%s longer than max_length (%d); %s left out."
                            .formatted(
                                    MetricText.upper(Numbers.count(truncated, "example"))
                                            + (truncated == 1 ? " is" : " are"),
                                    subject.hyperparameters().maxLength(),
                                    Numbers.count(
                                                    subject.report()
                                                            .path("tokens_left_out")
                                                            .asLong(0),
                                                    "token")
                                            + (subject.report()
                                                                    .path("tokens_left_out")
                                                                    .asLong(0)
                                                            == 1
                                                    ? " was"
                                                    : " were")));
        }
    }

    private void warnings(Html html) {
        JsonNode warnings = subject.report().path("dataset_warnings");
        if (warnings.isEmpty()) {
            return;
        }
        Table table = new Table(html, "Warnings about the rows", "warning", "dataset", ">rows");
        warnings.valueStream()
                .limit(MOST_WARNINGS)
                .forEach(warning -> table.row(
                        Cell.of(warning.path("code")
                                .asString("")
                                .toLowerCase(Locale.ROOT)
                                .replace('_', ' ')),
                        Cell.name(warning, "dataset"),
                        Cell.count(warning, "count")));
        table.end();
        MetricText.leftOut(html, warnings.size() - MOST_WARNINGS, "warning");
    }
}
