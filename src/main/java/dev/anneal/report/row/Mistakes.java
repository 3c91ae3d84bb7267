package dev.anneal.report.row;

import dev.anneal.report.html.Cell;
import dev.anneal.report.html.Html;
import dev.anneal.report.html.Numbers;
import dev.anneal.report.html.Table;
import dev.anneal.report.section.MetricText;
import dev.anneal.report.section.Section;
import dev.anneal.report.section.Subject;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** The worst mistakes: wrong labels that the model was sure of, numbers that are far off, or sentences with wrong entities. */
public record Mistakes(Subject subject) implements Section {
    private static final int MOST = 20;

    @Override
    public String id() {
        return "mistakes";
    }

    @Override
    public String title() {
        return "Worst mistakes";
    }

    @Override
    public boolean isEmpty() {
        return mistakes().isEmpty();
    }

    private JsonNode mistakes() {
        return subject.report().path("worst_mistakes");
    }

    @Override
    public void write(Html html) {
        switch (subject.spec().task()) {
            case TEXT_CLASSIFICATION -> ofLabels(html);
            case MULTI_LABEL -> ofLabelSets(html);
            case TEXT_REGRESSION -> ofNumbers(html);
            default -> ofEntities(html);
        }
        MetricText.leftOut(html, mistakes().size() - MOST, "mistake");
    }

    private void ofLabels(Html html) {
        Table table = new Table(
                html,
                "Wrong predictions that the model was most sure of",
                "label",
                "predicted",
                ">probability",
                "text");
        mistakes()
                .valueStream()
                .limit(MOST)
                .forEach(mistake -> table.row(
                        Cell.name(mistake, "label"),
                        Cell.name(mistake, "predicted"),
                        Cell.decimal(mistake, "score"),
                        Cell.words(mistake, "text")));
        table.end();
    }

    private void ofLabelSets(Html html) {
        Table table = new Table(html, "Texts with the most wrong labels", "labels", "predicted", "text");
        mistakes()
                .valueStream()
                .limit(MOST)
                .forEach(mistake -> table.row(
                        Cell.name(names(mistake.path("labels"))),
                        Cell.name(names(mistake.path("predicted"))),
                        Cell.words(mistake, "text")));
        table.end();
    }

    private static String names(JsonNode labels) {
        return labels.isEmpty()
                ? "none"
                : labels.valueStream().map(label -> label.asString("")).collect(Collectors.joining(", "));
    }

    private void ofNumbers(Html html) {
        Table table = new Table(html, "Numbers that were missed by most", ">number", ">predicted", ">error", "text");
        mistakes()
                .valueStream()
                .limit(MOST)
                .forEach(mistake -> table.row(
                        Cell.decimal(mistake, "score"),
                        Cell.decimal(mistake, "predicted"),
                        Cell.of(Numbers.difference(mistake.path("predicted").asDouble(0)
                                - mistake.path("score").asDouble(0))),
                        Cell.words(mistake, "text")));
        table.end();
    }

    private void ofEntities(Html html) {
        MetricText.note(html, "Entities that are only in the data, or only in the prediction, have a dashed border.");
        html.open("ol", "class", "sentences");
        mistakes().valueStream().limit(MOST).forEach(mistake -> {
            JsonNode expected = mistake.path("entities");
            JsonNode predicted = mistake.path("predicted");
            String text = mistake.path("text").asString("");
            html.open("li").open("dl");
            html.element("dt", "data").open("dd");
            new MarkedWords(text, expected, predicted).write(html);
            html.close("dd").element("dt", "prediction").open("dd");
            new MarkedWords(text, predicted, expected).write(html);
            html.close("dd").close("dl").close("li");
        });
        html.close("ol");
    }
}
