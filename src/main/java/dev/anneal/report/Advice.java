package dev.anneal.report;

import dev.anneal.evaluation.Metric;
import dev.anneal.evaluation.slice.Gap;
import dev.anneal.report.html.Html;
import dev.anneal.report.html.Numbers;
import dev.anneal.report.row.Mislabelled;
import dev.anneal.report.section.MetricText;
import dev.anneal.report.section.Section;
import dev.anneal.report.section.Subject;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** The report in some sentences: what is good, what is wrong, and where the page says more. */
public record Advice(Subject subject) implements Section {
    /** A share of changed predictions that is worth a sentence. */
    private static final double CHANGED = 0.05;

    private static final Set<String> LEAKS = Set.of("leakage", "near_leakage", "shared_with_training");

    private static final Map<String, String> LABELS = Map.of(
            "data", "More about the data",
            "baselines", "More about the baselines",
            "learning-curve", "More about the learning curve",
            "data-curve", "More about the number of rows",
            "forgetting", "More about forgetting",
            "mislabelled", "More about wrong labels",
            "slices", "More about parts of the rows",
            "counterfactuals", "More about words for groups of people",
            "calibration", "More about the calibration");

    @Override
    public String id() {
        return "in-short";
    }

    @Override
    public String title() {
        return "In short";
    }

    @Override
    public boolean isEmpty() {
        return items().isEmpty();
    }

    @Override
    public void write(Html html) {
        html.open("ul", "class", "advice");
        items().forEach(item -> item.write(html));
        html.close("ul");
    }

    /** Returns what a user of the model should know, as plain text: the sentences that say what to check. */
    public static List<String> sentences(Subject subject) {
        return new Advice(subject)
                .items().stream()
                        .filter(item -> item.level().equals("check"))
                        .map(Item::sentence)
                        .toList();
    }

    private List<Item> items() {
        return Stream.of(
                        leakage(),
                        baselines(),
                        curve(),
                        moreRows(),
                        forgetting(),
                        mislabelled(),
                        gap(),
                        exchange(),
                        calibration())
                .flatMap(Optional::stream)
                .toList();
    }

    /**
     * A sentence.
     *
     * @param level {@code good}, {@code note} or {@code check}
     * @param anchor the section that says more
     */
    private record Item(String level, String sentence, String anchor) {
        static Optional<Item> of(String level, String sentence, String anchor) {
            return Optional.of(new Item(level, sentence, anchor));
        }

        void write(Html html) {
            html.open("li")
                    .element("span", level, "class", "tag " + level)
                    .text(" ")
                    .open("span");
            html.text(sentence + " ");
            html.element("a", "More", "href", "#" + anchor, "aria-label", LABELS.getOrDefault(anchor, "More"));
            html.close("span").close("li");
        }
    }

    private Optional<Item> leakage() {
        return subject.report()
                .path("dataset_warnings")
                .valueStream()
                .filter(warning -> LEAKS.contains(warning.path("code").asString("")))
                .max(Comparator.comparingLong(warning -> warning.path("count").asLong(0)))
                .flatMap(warning -> Item.of(
                        "check",
                        "%s for evaluation are in the training rows, too, or nearly the same as one of them, so the figures may be too good. Remove them from one of the datasets."
                                .formatted(MetricText.upper(
                                        Numbers.count(warning.path("count").asLong(0), "row"))),
                        "data"));
    }

    private Optional<Item> baselines() {
        String metric = subject.headline().map(Metric::name).orElse("");
        List<JsonNode> baselines = Baselines.with(subject, metric);
        if (baselines.isEmpty()) {
            return Optional.empty();
        }
        JsonNode gain = baselines.get(0).path("gains").path(metric);
        String name = Baselines.name(baselines.get(0));
        String difference = MetricText.difference(metric, gain.path("gain"));
        return switch (Baselines.judgement(gain)) {
            case "above" ->
                Item.of(
                        "good",
                        "Fine-tuning is worth it. The strongest baseline is %s; the model is better by %s."
                                .formatted(name, difference.replaceFirst("^\\+", "")),
                        "baselines");
            case "below" ->
                Item.of(
                        "check",
                        "The model is worse than %s (%s). Use that, or change the training."
                                .formatted(name, difference),
                        "baselines");
            case "unknown" ->
                Item.of(
                        "check",
                        "It is not known whether fine-tuning bought anything over %s: the gain is %s, and the rows do not say how far it may be off. More test rows would tell."
                                .formatted(name, difference),
                        "baselines");
            default ->
                Item.of(
                        "check",
                        "Fine-tuning may have bought nothing over %s: the gain is %s, and its interval contains 0. More test rows would tell."
                                .formatted(name, difference),
                        "baselines");
        };
    }

    private Optional<Item> curve() {
        JsonNode curve = subject.report().path("learning_curve");
        String message = curve.path("message").asString("");
        String level = switch (curve.path("verdict").asString("")) {
            case "overfitting", "unstable" -> "check";
            case "converged" -> "good";
            default -> "note";
        };
        return message.isEmpty() ? Optional.empty() : Item.of(level, message, "learning-curve");
    }

    private Optional<Item> moreRows() {
        JsonNode curve = subject.report().path("data_curve");
        String message = curve.path("message").asString("");
        return message.isEmpty() ? Optional.empty() : Item.of("note", message, "data-curve");
    }

    private Optional<Item> forgetting() {
        String message = subject.report().path("forgetting").path("message").asString("");
        return message.isEmpty() ? Optional.empty() : Item.of("note", message, "forgetting");
    }

    private Optional<Item> mislabelled() {
        long confident = Mislabelled.confident(subject);
        return confident == 0
                ? Optional.empty()
                : Item.of(
                        "check",
                        "%s a wrong label. Look at %s, and remove or correct what is wrong."
                                .formatted(
                                        Numbers.count(confident, "row") + " probably "
                                                + (confident == 1 ? "has" : "have"),
                                        confident == 1 ? "it" : "them"),
                        "mislabelled");
    }

    /** Returns the part of the rows for which the model is surely worse by most. */
    private Optional<Item> gap() {
        boolean isHigherBetter = subject.headline().map(Metric::higherIsBetter).orElse(true);
        return Gap.sure(subject.findings()).stream()
                .filter(gap -> isHigherBetter == gap.size() < 0)
                .findFirst()
                .map(gap -> new Item("check", sentence(gap), "slices"));
    }

    /** Returns a sentence in which the direction of the value changes nothing else. */
    private static String sentence(Gap gap) {
        String rows = gap.column().equals("words")
                ? "with " + gap.value().replace("-", " to ") + " words"
                : "whose " + gap.column() + " is \u2068" + Html.cut(gap.value(), 80) + "\u2069";
        return "The model is worse for rows %s: the gap in %s is %s."
                .formatted(
                        rows,
                        MetricText.name(gap.metric()),
                        MetricText.difference(gap.metric(), gap.figure().path("gap")));
    }

    private Optional<Item> exchange() {
        return subject.findings()
                .path("counterfactuals")
                .path("exchanges")
                .valueStream()
                .filter(exchange ->
                        exchange.path("changed_interval").path("low").asDouble(0) > 0
                                && exchange.path("changed").asDouble(0) >= CHANGED)
                .max(Comparator.comparingDouble(
                        exchange -> exchange.path("changed").asDouble(0)))
                .flatMap(exchange -> Item.of(
                        "check",
                        "%s of the predictions change if only words for '%s' become words for '%s'."
                                .formatted(
                                        Numbers.percent(exchange, "changed"),
                                        exchange.path("from").asString(""),
                                        exchange.path("to").asString("")),
                        "counterfactuals"));
    }

    private Optional<Item> calibration() {
        JsonNode calibration = subject.report().path("calibration");
        double without = calibration.path("uncalibrated").path("ece").asDouble(0);
        double with = calibration.path("calibrated").path("ece").asDouble(without);
        return with >= without || calibration.path("served").asBoolean(false)
                ? Optional.empty()
                : Item.of(
                        "note",
                        "A temperature would lower the calibration error from %s to %s. Train with the task option calibrate."
                                .formatted(Numbers.decimal(without), Numbers.decimal(with)),
                        "calibration");
    }
}
