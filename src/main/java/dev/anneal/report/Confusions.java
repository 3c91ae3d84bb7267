package dev.anneal.report;

import dev.anneal.report.html.Cell;
import dev.anneal.report.html.Html;
import dev.anneal.report.html.Numbers;
import dev.anneal.report.html.Table;
import dev.anneal.report.section.MetricText;
import dev.anneal.report.section.Section;
import dev.anneal.report.section.Subject;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import tools.jackson.databind.JsonNode;

/** The confusion matrix, and the most frequent confusions. */
record Confusions(Subject subject) implements Section {
    private static final int MOST_IN_MATRIX = 20;
    private static final int MOST_CONFUSIONS = 15;

    private record Confusion(String label, String predicted, long count, long rows) {}

    @Override
    public String id() {
        return "confusion";
    }

    @Override
    public String title() {
        return "Confusion matrix";
    }

    @Override
    public boolean isEmpty() {
        return subject.report().path("confusion_matrix").isEmpty();
    }

    @Override
    public void write(Html html) {
        JsonNode matrix = subject.report().path("confusion_matrix");
        List<String> labels = subject.report()
                .path("labels")
                .valueStream()
                .map(label -> label.path("label").asString(""))
                .toList();
        if (labels.size() <= MOST_IN_MATRIX) {
            matrix(html, labels, matrix);
        } else {
            MetricText.note(
                    html,
                    "The matrix of %d labels is too large for a page. The report in JSON has it."
                            .formatted(labels.size()));
        }
        if (labels.size() > 2) {
            confusions(html, labels, matrix);
        }
    }

    private static void matrix(Html html, List<String> labels, JsonNode matrix) {
        String caption = "Rows by their label, and what was predicted for them";
        html.open("div", "class", "scroll", "role", "group", "tabindex", "0", "aria-label", caption);
        html.open("table", "class", labels.size() > 5 ? "matrix upright" : "matrix")
                .open("caption")
                .element("span", caption)
                .close("caption");
        html.open("thead")
                .open("tr")
                .open("td")
                .element("span", "label ↓ predicted →", "class", "corner")
                .close("td");
        for (String label : labels) {
            html.open("th", "scope", "col")
                    .open("span")
                    .user(label, 24)
                    .close("span")
                    .close("th");
        }
        html.close("tr").close("thead").open("tbody");
        for (int row = 0; row < labels.size(); row++) {
            JsonNode counts = matrix.path(row);
            long sum = counts.valueStream().mapToLong(count -> count.asLong(0)).sum();
            html.open("tr").open("th", "scope", "row").user(labels.get(row), 40).close("th");
            for (int column = 0; column < labels.size(); column++) {
                long count = counts.path(column).asLong(0);
                int heat = sum == 0 ? 0 : (int) Math.ceil(9.0 * count / sum);
                html.element(
                        "td",
                        Numbers.count(count),
                        "class",
                        "heat-" + heat + (row == column ? " right" : "") + (count == 0 ? " none" : ""));
            }
            html.close("tr");
        }
        html.close("tbody").close("table").close("div");
    }

    private static void confusions(Html html, List<String> labels, JsonNode matrix) {
        Comparator<Confusion> order = Comparator.comparingLong(Confusion::count);
        PriorityQueue<Confusion> most = new PriorityQueue<>(order);
        for (int row = 0; row < labels.size(); row++) {
            JsonNode counts = matrix.path(row);
            long sum = counts.valueStream().mapToLong(count -> count.asLong(0)).sum();
            for (int column = 0; column < labels.size(); column++) {
                long count = counts.path(column).asLong(0);
                if (row != column && count > 0) {
                    most.add(new Confusion(labels.get(row), labels.get(column), count, sum));
                    if (most.size() > MOST_CONFUSIONS) {
                        most.remove();
                    }
                }
            }
        }
        if (most.isEmpty()) {
            return;
        }
        Table table =
                new Table(html, "The most frequent confusions", "label", "predicted", ">rows", ">share of the label");
        most.stream()
                .sorted(order.reversed())
                .forEach(confusion -> table.row(
                        Cell.name(confusion.label()),
                        Cell.name(confusion.predicted()),
                        Cell.of(Numbers.count(confusion.count())),
                        Cell.of(Numbers.percent((double) confusion.count() / confusion.rows()))));
        table.end();
    }
}
