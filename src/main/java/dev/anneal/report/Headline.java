package dev.anneal.report;

import dev.anneal.evaluation.Metric;
import dev.anneal.report.html.Html;
import dev.anneal.report.html.Numbers;
import dev.anneal.report.section.MetricText;
import dev.anneal.report.section.Subject;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** The top of the page: the metric that counts, and by how much the model is better than each simple one. */
record Headline(Subject subject) {
    void write(Html html) {
        Optional<Metric> headline = subject.headline();
        if (headline.isEmpty()) {
            return;
        }
        String metric = headline.get().name();
        JsonNode report = subject.report();
        html.open("div", "class", "headline").open("div", "class", "figure");
        html.element("p", MetricText.heading(metric), "class", "name");
        html.element("p", MetricText.value(metric, report), "class", "value");
        JsonNode interval = report.path("intervals").path(metric);
        if (interval.path("low").isNumber()) {
            html.element("p", "95 % interval " + MetricText.interval(metric, interval), "class", "interval");
        }
        html.element("p", "on " + Numbers.count(report.path("examples").asLong(0), rows()), "class", "basis");
        html.close("div");
        gains(html, metric);
        html.close("div");
    }

    /** Returns the word for the examples of a split. */
    private String rows() {
        if (subject.isOutOfFold()) {
            return "out-of-fold row";
        }
        String split = subject.report().path("split").asString("");
        return split.isEmpty() || split.equals("all") ? "row" : split + " row";
    }

    private void gains(Html html, String metric) {
        List<JsonNode> baselines = Baselines.with(subject, metric);
        JsonNode answers = subject.report().path("answers");
        boolean hasAnswers = answers.path("model").path("rouge_l").isNumber() && answers.has("base_model");
        if (baselines.isEmpty() && !hasAnswers) {
            return;
        }
        html.open("div", "class", "bought")
                .element("h2", subject.isEvaluation() ? "Beside simple models" : "What fine-tuning bought");
        html.open("ul");
        for (JsonNode baseline : baselines) {
            JsonNode gain = baseline.path("gains").path(metric);
            html.open("li", "class", Baselines.judgement(gain));
            html.element("strong", MetricText.difference(metric, gain.path("gain")));
            html.text(" over " + Baselines.name(baseline));
            if (gain.path("interval").path("low").isNumber()) {
                html.element(
                        "span",
                        "95 % interval " + MetricText.differences(metric, gain.path("interval")),
                        "class",
                        "interval");
            }
            html.close("li");
        }
        if (hasAnswers) {
            for (String similarity : List.of("rouge_l", "chrf")) {
                answer(html, similarity, answers);
            }
        }
        html.close("ul").close("div");
    }

    private static void answer(Html html, String metric, JsonNode answers) {
        JsonNode ours = answers.path("model").path(metric);
        JsonNode base = answers.path("base_model").path(metric);
        if (ours.isNumber() && base.isNumber()) {
            html.open("li", "class", "unsure");
            html.element("strong", Numbers.difference(ours.asDouble() - base.asDouble()));
            html.text(" " + MetricText.name(metric) + " over the base model ");
            html.element(
                    "span",
                    Numbers.decimal(ours.asDouble()) + ", before it was " + Numbers.decimal(base.asDouble()),
                    "class",
                    "interval");
            html.close("li");
        }
    }
}
