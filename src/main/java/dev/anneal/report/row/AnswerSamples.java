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

/** Generated answers of the model, in the report of a job beside those of its base model. */
public record AnswerSamples(Subject subject) implements Section {
    @Override
    public String id() {
        return "answers";
    }

    @Override
    public String title() {
        return "Answers";
    }

    @Override
    public boolean isEmpty() {
        return answers().path("samples").isEmpty();
    }

    private JsonNode answers() {
        return subject.report().path("answers");
    }

    @Override
    public void write(Html html) {
        JsonNode model = answers().path("model");
        JsonNode base = answers().path("base_model");
        boolean hasBase = base.isObject();
        String caption =
                "Similarity of " + Numbers.count(model.path("answers").asLong(0), "answer") + " to the wanted ones";
        Table table = hasBase
                ? new Table(html, caption, "figure", ">this model", ">base model")
                : new Table(html, caption, "figure", ">this model");
        for (String figure : List.of("exact_match", "rouge_l", "chrf")) {
            Cell name = Cell.of(MetricText.heading(figure));
            Cell ours = Cell.of(MetricText.value(figure, model));
            if (hasBase) {
                table.row(name, ours, Cell.of(MetricText.value(figure, base)));
            } else {
                table.row(name, ours);
            }
        }
        table.end();
        long leftOut = answers().path("left_out").asLong(0);
        if (leftOut > 0) {
            MetricText.note(
                    html,
                    Numbers.count(leftOut, "question")
                            + (leftOut == 1 ? " does" : " do")
                            + (hasBase
                                    ? " not count, because one of the models did not answer in time or the prompt is too long."
                                    : " not count, because the prompt is too long."));
        }
        long cut = model.path("cut").asLong(0);
        long cutOfBase = base.path("cut").asLong(0);
        if (cut > 0 || cutOfBase > 0) {
            MetricText.note(
                    html,
                    "An answer ends after 32 tokens more than the wanted one has, and after 256. So %s of this model%s %s cut, and may be less similar than the whole ones."
                            .formatted(
                                    Numbers.count(cut, "answer"),
                                    hasBase ? " and " + Numbers.count(cutOfBase) + " of the base model" : "",
                                    cut + cutOfBase == 1 ? "is" : "are"));
        }
        html.element("h3", "Samples").open("ol", "class", "samples");
        for (JsonNode sample : answers().path("samples")) {
            html.open("li").open("dl");
            part(html, "prompt", sample.path("prompt"));
            part(html, "wanted", sample.path("expected"));
            part(html, "this model", sample.path("answer"));
            if (hasBase) {
                part(html, "base model", sample.path("base_answer"));
            }
            html.close("dl").close("li");
        }
        html.close("ol");
    }

    private static void part(Html html, String name, JsonNode text) {
        String answer = text.asString("");
        html.open("div").element("dt", name).open("dd");
        if (answer.isBlank()) {
            html.element("em", "nothing");
        } else {
            html.user(answer, 1_000);
        }
        html.close("dd").close("div");
    }
}
