package dev.anneal.cli.view;

import dev.anneal.cli.http.Wording;
import dev.anneal.cli.terminal.Fields;
import dev.anneal.cli.terminal.Shell;
import dev.anneal.cli.terminal.Table;
import dev.anneal.cli.terminal.Terminal;
import dev.anneal.cli.terminal.Units;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** The report of a model: the metrics of its task, those of each label, and its worst mistakes. */
public record Report(JsonNode json) {
    private static final int MISTAKES = 3;

    public void print(Terminal terminal) {
        String split = Fields.text(json, "split");
        // The model of the job was trained on these rows, so their figures are those of the models of folds.
        String part = split.equals("train") && json.has("cross_validation") ? "out-of-fold" : split;
        String figures = Metrics.line(json);
        terminal.line(terminal.bold(Character.toUpperCase(part.charAt(0)) + part.substring(1) + " " + figures)
                + "   loss " + Fields.decimal(json, "loss", 3)
                + terminal.dim("   on " + Fields.count(json, "examples") + " examples"));
        if (json.path("truncated").asInt(0) > 0) {
            terminal.line("%s examples are longer than --max-length; %s tokens were left out"
                    .formatted(Fields.count(json, "truncated"), Fields.count(json, "tokens_left_out")));
        }
        printLeakage(terminal);
        printIntervals(terminal);
        printRanking(terminal);
        printCalibration(terminal);
        printPartial(terminal);
        printResiduals(terminal);
        printAnswers(terminal);
        printCurve(terminal);
        printFolds(terminal);
        printDataCurve(terminal);
        print(terminal, "label", json.path("labels"));
        print(terminal, "entity", json.path("entities"));
        printMistakes(terminal);
        printForgetting(terminal);
        printComparison(terminal);
        new FindingsText(json).print(terminal);
    }

    /** Says which rows for evaluation the model was trained on, because the figures are too good then. */
    private void printLeakage(Terminal terminal) {
        for (JsonNode warning : json.path("dataset_warnings")) {
            String code = Fields.text(warning, "code");
            if (code.equals("shared_with_training")) {
                terminal.line(
                        "%s rows of the dataset %s have the text of a training row, so the figures may be too good. Remove them from one of the datasets."
                                .formatted(Fields.count(warning, "count"), Fields.text(warning, "dataset")));
            }
            if (code.equals("leakage") || code.equals("near_leakage")) {
                String dataset = Fields.text(warning, "dataset");
                terminal.line("The dataset %s has %s %s, so the figures may be too good. Remove what leaks: %s"
                        .formatted(
                                dataset,
                                Fields.count(warning, "count"),
                                code,
                                Shell.anneal("datasets fix " + dataset + " --remove-leakage")));
            }
        }
    }

    private void printIntervals(Terminal terminal) {
        String intervals = json.path("intervals").properties().stream()
                .filter(entry -> entry.getValue().hasNonNull("low"))
                .map(entry -> Metrics.name(entry.getKey()) + " " + Fields.decimal(entry.getValue(), "low", 3) + " to "
                        + Fields.decimal(entry.getValue(), "high", 3))
                .collect(Collectors.joining("   "));
        if (!intervals.isEmpty()) {
            terminal.line(terminal.dim("95 % intervals   " + intervals));
        }
    }

    private void printRanking(Terminal terminal) {
        JsonNode ranking = json.path("ranking");
        if (ranking.hasNonNull("roc_auc")) {
            terminal.line("ROC-AUC %s   average precision %s"
                    .formatted(Fields.decimal(ranking, "roc_auc", 3), Fields.decimal(ranking, "average_precision", 3)));
        }
    }

    private void printCalibration(Terminal terminal) {
        JsonNode calibration = json.path("calibration");
        JsonNode without = calibration.path("uncalibrated");
        JsonNode with = calibration.path("calibrated");
        if (!without.hasNonNull("ece")) {
            return;
        }
        String error = "calibration error " + Fields.decimal(without, "ece", 3);
        if (with.hasNonNull("ece")) {
            error += ", with the temperature %s it is %s"
                    .formatted(Fields.decimal(calibration, "temperature", 2), Fields.decimal(with, "ece", 3));
            boolean isServed = calibration.path("served").asBoolean(false);
            boolean isLower = Fields.number(with, "ece") < Fields.number(without, "ece");
            error += isServed
                    ? " (the model has it)"
                    : isLower
                            ? " (to train the model with it: --task-options calibrate=true)"
                            : " (it does not lower the error)";
        }
        terminal.line(error);
    }

    private void printPartial(Terminal terminal) {
        JsonNode partial = json.path("partial");
        if (partial.hasNonNull("f1")) {
            terminal.line("With half the credit for some of an entity's words: F1 %s   precision %s   recall %s"
                    .formatted(
                            Fields.decimal(partial, "f1", 3),
                            Fields.decimal(partial, "precision", 3),
                            Fields.decimal(partial, "recall", 3)));
        }
    }

    private void printResiduals(Terminal terminal) {
        JsonNode residuals = json.path("residuals");
        if (residuals.hasNonNull("mean")) {
            terminal.line("Errors: mean %s, 90 %% from %s to %s"
                    .formatted(
                            Fields.decimal(residuals, "mean", 3),
                            Fields.decimal(residuals, "p5", 3),
                            Fields.decimal(residuals, "p95", 3)));
        }
    }

    private void printAnswers(Terminal terminal) {
        JsonNode answers = json.path("answers");
        if (answers.path("model").hasNonNull("exact_match")) {
            terminal.line("%s generated answers   %s"
                    .formatted(Fields.count(answers.path("model"), "answers"), similarity(answers.path("model"))));
            boolean hasBase = answers.hasNonNull("base_model");
            if (hasBase) {
                terminal.line(terminal.dim("those of the base model   " + similarity(answers.path("base_model"))));
            }
            if (Fields.whole(answers.path("model"), "cut") + Fields.whole(answers.path("base_model"), "cut") > 0) {
                String ofBase =
                        ", and " + Fields.count(answers.path("base_model"), "cut") + " of those of the base model,";
                terminal.line("%s of these answers%s end because they may not be longer"
                        .formatted(Fields.count(answers.path("model"), "cut"), hasBase ? ofBase : ""));
            }
        }
    }

    private void printForgetting(Terminal terminal) {
        JsonNode forgetting = json.path("forgetting");
        if (forgetting.hasNonNull("message")) {
            terminal.line();
            terminal.line(Wording.message(Fields.text(forgetting, "message")));
            JsonNode without = forgetting.path("without_remedies");
            if (without.hasNonNull("message")) {
                terminal.line(Wording.message(Fields.text(without, "message")));
            }
        }
    }

    private static String similarity(JsonNode figures) {
        return "exact match %s   ROUGE-L %s   chrF %s"
                .formatted(
                        Fields.percent(figures, "exact_match"),
                        Fields.decimal(figures, "rouge_l", 3),
                        Fields.decimal(figures, "chrf", 1));
    }

    /** Says what the losses of the epochs mean, if they mean something. */
    private void printCurve(Terminal terminal) {
        JsonNode curve = json.path("learning_curve");
        if (curve.hasNonNull("message") && !Fields.text(curve, "verdict").equals("unknown")) {
            terminal.line(Fields.text(curve, "message"));
        }
    }

    private void printFolds(Terminal terminal) {
        JsonNode folds = json.path("cross_validation");
        if (folds.path("metrics").isEmpty()) {
            return;
        }
        terminal.line();
        int count = (int) Fields.whole(folds, "folds");
        Table table = new Table(count + " folds", ">mean", ">deviation", ">lowest", ">highest");
        for (Map.Entry<String, JsonNode> metric : folds.path("metrics").properties()) {
            JsonNode spread = metric.getValue();
            double[] values = spread.path("values")
                    .valueStream()
                    .mapToDouble(JsonNode::asDouble)
                    .sorted()
                    .toArray();
            table.row(
                    Metrics.name(metric.getKey()),
                    Fields.decimal(spread, "mean", 3),
                    Fields.decimal(spread, "deviation", 3),
                    decimal(values[0]),
                    decimal(values[values.length - 1]));
        }
        table.print(terminal);
    }

    /** Shows what models learned from parts of the rows, and whether more rows would help. */
    private void printDataCurve(Terminal terminal) {
        JsonNode curve = json.path("data_curve");
        if (curve.path("points").isEmpty()) {
            return;
        }
        terminal.line();
        String metric = Fields.text(curve, "metric");
        Table table = new Table("training rows", ">rows", ">" + Metrics.name(metric));
        for (JsonNode point : curve.path("points")) {
            table.row(
                    Math.round(100 * Fields.number(point, "fraction")) + " %",
                    Fields.count(point, "rows"),
                    Fields.decimal(point.path("metrics"), metric, 3));
        }
        table.print(terminal);
        terminal.line(Fields.text(curve, "message"));
    }

    private static String decimal(double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }

    private static void print(Terminal terminal, String kind, JsonNode labels) {
        if (labels.isEmpty()) {
            return;
        }
        terminal.line();
        Table table = new Table(kind, ">precision", ">recall", ">F1", ">examples");
        for (JsonNode label : labels) {
            table.row(
                    Fields.text(label, "label"),
                    Fields.decimal(label, "precision", 3),
                    Fields.decimal(label, "recall", 3),
                    Fields.decimal(label, "f1", 3),
                    Fields.count(label, "support"));
        }
        table.print(terminal);
    }

    private void printComparison(Terminal terminal) {
        JsonNode comparison = json.path("comparison");
        if (!comparison.hasNonNull("evaluation")) {
            return;
        }
        terminal.line();
        terminal.line("Compared with " + Fields.text(comparison, "evaluation") + " on the same rows");
        comparison.path("left_out").forEach(sentence -> terminal.line(Fields.line(sentence, "")));
        if (comparison.path("metrics").isEmpty()) {
            return;
        }
        Table table = new Table("metric", ">difference", "95 % interval", ">p");
        comparison
                .path("metrics")
                .properties()
                .forEach(metric -> table.row(
                        Metrics.name(metric.getKey()),
                        FindingsText.signed(metric.getValue(), "difference"),
                        FindingsText.interval(metric.getValue().path("interval")),
                        probability(metric.getValue())));
        table.print(terminal);
        JsonNode rows = comparison.path("right_rows");
        if (rows.hasNonNull("p_value")) {
            terminal.line("Only this model is right on %s rows, only the other one on %s (McNemar p %s)"
                    .formatted(Fields.count(rows, "only_first"), Fields.count(rows, "only_second"), probability(rows)));
        }
    }

    private static String probability(JsonNode test) {
        return test.hasNonNull("p_value") && Fields.number(test, "p_value") < 0.0001
                ? "<0.0001"
                : Fields.decimal(test, "p_value", 4);
    }

    private void printMistakes(Terminal terminal) {
        JsonNode mistakes = json.path("worst_mistakes");
        if (mistakes.isEmpty()) {
            return;
        }
        terminal.line();
        terminal.line(terminal.dim("worst mistakes"));
        for (int i = 0; i < Math.min(MISTAKES, mistakes.size()); i++) {
            JsonNode mistake = mistakes.get(i);
            String said = said(mistake) + "  ";
            terminal.line(
                    said + Units.shorten(mistake.path("text").asString(Fields.NONE), terminal.width() - said.length()));
        }
    }

    /** Returns what was mistaken for what: a label with the model's score, labels, a number, or entities. */
    private static String said(JsonNode mistake) {
        JsonNode predicted = mistake.path("predicted");
        if (mistake.has("label")) {
            return Fields.text(mistake, "label") + " predicted as " + Fields.line(predicted, Fields.NONE) + " ("
                    + Fields.decimal(mistake, "score", 2) + ")";
        }
        if (mistake.has("labels")) {
            return words(mistake.path("labels")) + " predicted as " + words(predicted);
        }
        return mistake.has("score")
                ? Fields.decimal(mistake, "score", 2) + " predicted as " + Fields.decimal(mistake, "predicted", 2)
                : types(mistake.path("entities")) + " predicted as " + types(predicted);
    }

    private static String words(JsonNode list) {
        return list.isEmpty()
                ? "nothing"
                : list.valueStream().map(word -> Fields.line(word, "")).collect(Collectors.joining("+"));
    }

    private static String types(JsonNode entities) {
        return entities.isEmpty()
                ? "nothing"
                : entities.valueStream()
                        .map(entity -> Fields.text(entity, "type"))
                        .collect(Collectors.joining("+"));
    }
}
