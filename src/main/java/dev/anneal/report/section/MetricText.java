package dev.anneal.report.section;

import dev.anneal.evaluation.Metric;
import dev.anneal.evaluation.Metrics;
import dev.anneal.report.html.Html;
import dev.anneal.report.html.Numbers;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** Names and values of metrics as the page shows them. */
public final class MetricText {
    /** Figures that are no metrics of a task. */
    private static final Map<String, String> OTHERS = Map.of(
            "roc_auc", "ROC-AUC",
            "average_precision", "average precision",
            "token_accuracy", "token accuracy",
            "loss_per_row", "loss per row",
            "exact_match", "exact match",
            "rouge_l", "ROUGE-L",
            "chrf", "chrF");

    private static final Map<String, String> NAMES =
            Metrics.all().stream().collect(Collectors.toMap(Metric::name, Metric::title, (title, same) -> title));

    private static final Set<String> SHARES = Set.of("accuracy", "token_accuracy", "exact_match");

    private MetricText() {}

    public static String name(String metric) {
        return NAMES.getOrDefault(metric, OTHERS.getOrDefault(metric, metric.replace('_', ' ')));
    }

    /** Returns a name at the beginning of a line. */
    public static String heading(String metric) {
        String name = name(metric);
        return name.matches("[a-z]+[A-Z].*") ? name : upper(name); // chrF is its name
    }

    public static String upper(String text) {
        return text.isEmpty() ? text : text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
    }

    public static String value(String metric, JsonNode figures) {
        return shown(metric, figures.path(metric));
    }

    public static String value(String metric, JsonNode figures, String field) {
        return shown(metric, figures.path(field));
    }

    private static String shown(String metric, JsonNode value) {
        return !value.isNumber()
                ? Numbers.NONE
                : SHARES.contains(metric) ? Numbers.percent(value.asDouble()) : Numbers.decimal(value.asDouble());
    }

    /** Returns a difference with its sign; that of shares is in points of a percentage. */
    public static String difference(String metric, JsonNode value) {
        if (!value.isNumber()) {
            return Numbers.NONE;
        }
        double number = value.asDouble();
        if (!SHARES.contains(metric)) {
            return Numbers.difference(number);
        }
        String points = Numbers.percent(number).replace(" %", "");
        return (number > 0 ? "+" : "") + points + " points";
    }

    /** Returns an interval such as {@code 0.812 to 0.901}, or a dash. */
    public static String interval(String metric, JsonNode interval) {
        return interval.path("low").isNumber()
                ? value(metric, interval, "low") + " to " + value(metric, interval, "high")
                : Numbers.NONE;
    }

    /** Returns the interval of a difference. */
    public static String differences(String metric, JsonNode interval) {
        return interval.path("low").isNumber()
                ? difference(metric, interval.path("low")).replace(" points", "") + " to "
                        + difference(metric, interval.path("high"))
                : Numbers.NONE;
    }

    /** Writes a note below the heading of a section. */
    public static void note(Html html, String text) {
        html.element("p", text, "class", "note");
    }

    /** Writes how many things are left out, if any are. */
    public static void leftOut(Html html, long count, String noun) {
        if (count > 0) {
            note(
                    html,
                    Numbers.count(count, noun) + (count == 1 ? " is" : " are")
                            + " left out here. The report in JSON has all of them.");
        }
    }
}
