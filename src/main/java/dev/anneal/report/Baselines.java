package dev.anneal.report;

import dev.anneal.report.chart.Strip;
import dev.anneal.report.html.Cell;
import dev.anneal.report.html.Html;
import dev.anneal.report.html.Numbers;
import dev.anneal.report.html.Table;
import dev.anneal.report.section.MetricText;
import dev.anneal.report.section.Section;
import dev.anneal.report.section.Subject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Simple models on the same rows, and by how much the model is better. */
public record Baselines(Subject subject) implements Section {
    private static final Map<String, String> NAMES = Map.of(
            "majority", "guessing the most frequent label",
            "mean", "guessing the mean",
            "tf_idf", "a linear model of words (TF-IDF)",
            "frozen_base", "the frozen base model with a trained head");

    @Override
    public String id() {
        return "baselines";
    }

    @Override
    public String title() {
        return "Baselines";
    }

    @Override
    public boolean isEmpty() {
        return subject.findings().path("baselines").isEmpty();
    }

    @Override
    public void write(Html html) {
        MetricText.note(
                html,
                "Simple models, fitted on the training rows, on the rows of this report. A gain is above 0 if the model is better. "
                        + "If its interval contains 0, the model may be no better.");
        List<String> metrics = new ArrayList<>();
        subject.findings()
                .path("baselines")
                .forEach(baseline -> baseline.path("gains").properties().stream()
                        .map(Map.Entry::getKey)
                        .filter(metric -> !metrics.contains(metric))
                        .forEach(metrics::add));
        for (String metric : metrics) {
            List<JsonNode> baselines = with(subject, metric);
            Strip strip = Strip.around0(
                    baselines.stream()
                            .map(each -> each.path("gains").path(metric))
                            .toList(),
                    "gain",
                    "interval");
            Table table = new Table(
                    html,
                    MetricText.heading(metric),
                    "model",
                    ">" + MetricText.name(metric),
                    ">gain of the model",
                    ">95 % interval",
                    "");
            table.row(
                    Cell.of("This model"),
                    Cell.of(MetricText.value(metric, subject.report())),
                    Cell.of(""),
                    Cell.of(""),
                    Cell.of(""));
            for (JsonNode baseline : baselines) {
                JsonNode gain = baseline.path("gains").path(metric);
                table.row(
                        Cell.of(MetricText.upper(name(baseline))),
                        Cell.of(MetricText.value(metric, baseline.path("metrics"))),
                        Cell.of(MetricText.difference(metric, gain.path("gain"))),
                        Cell.of(MetricText.differences(metric, gain.path("interval"))),
                        strip.cell(gain, "gain", "interval"));
            }
            table.end();
        }
        for (JsonNode baseline : subject.findings().path("baselines")) {
            if (baseline.path("converged").isBoolean()
                    && !baseline.path("converged").asBoolean()) {
                MetricText.note(html, "The fit of " + name(baseline) + " did not reach its end.");
            }
            long examples = baseline.path("examples").asLong(0);
            if (examples > 0 && examples < subject.report().path("examples").asLong(0)) {
                MetricText.note(
                        html,
                        "The gain over %s is on %s of this report, evenly spread."
                                .formatted(name(baseline), Numbers.count(examples, "row")));
            }
            if (baseline.path("features").isNumber()) {
                MetricText.note(
                        html,
                        "TF-IDF uses %s words and pairs of words of %s."
                                .formatted(
                                        Numbers.count(baseline, "features"),
                                        Numbers.count(baseline.path("rows").asLong(0), "training row")));
            }
        }
    }

    /** Returns the baselines that have a metric, the strongest first. */
    public static List<JsonNode> with(Subject subject, String metric) {
        return subject.findings()
                .path("baselines")
                .valueStream()
                .filter(baseline -> baseline.path("gains").has(metric))
                .sorted(Comparator.comparingDouble(baseline ->
                        baseline.path("gains").path(metric).path("gain").asDouble(0)))
                .toList();
    }

    /** Returns whether a gain is surely above 0, surely below, neither, or unknown without an interval; as a class of the style sheet. */
    static String judgement(JsonNode gain) {
        JsonNode interval = gain.path("interval");
        if (!interval.path("low").isNumber()) {
            return "unknown";
        }
        return interval.path("low").asDouble(0) > 0
                ? "above"
                : interval.path("high").asDouble(0) < 0 ? "below" : "unsure";
    }

    /** Returns the name of a baseline in a sentence. */
    public static String name(JsonNode baseline) {
        String name = baseline.path("name").asString("");
        return NAMES.getOrDefault(name, name.replace('_', ' '));
    }
}
