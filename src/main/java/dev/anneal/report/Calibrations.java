package dev.anneal.report;

import dev.anneal.report.chart.Axis;
import dev.anneal.report.chart.Plot;
import dev.anneal.report.html.Cell;
import dev.anneal.report.html.Html;
import dev.anneal.report.html.Numbers;
import dev.anneal.report.html.Table;
import dev.anneal.report.section.Section;
import dev.anneal.report.section.Subject;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** The reliability curve, and the errors of the probabilities without and with the temperature. */
record Calibrations(Subject subject) implements Section {
    @Override
    public String id() {
        return "calibration";
    }

    @Override
    public String title() {
        return "Calibration";
    }

    @Override
    public boolean isEmpty() {
        return !without().path("ece").isNumber();
    }

    private JsonNode calibration() {
        return subject.report().path("calibration");
    }

    private JsonNode without() {
        return calibration().path("uncalibrated");
    }

    private JsonNode with() {
        return calibration().path("calibrated");
    }

    @Override
    public void write(Html html) {
        boolean isFitted = with().path("ece").isNumber();
        html.element("p", sentence(isFitted));
        Plot plot = new Plot(
                        "reliability",
                        "How often the model is right by how sure it is",
                        sentence(isFitted),
                        Axis.ofShares("probability"),
                        Axis.ofShares("share that is right"))
                .diagonal()
                .line(isFitted ? "without temperature" : "the model", points(without()));
        if (isFitted) {
            plot.line("with temperature", points(with()));
        }
        plot.write(html);
        Table table = isFitted
                ? new Table(html, "Errors of the probabilities", "error", ">without temperature", ">with temperature")
                : new Table(html, "Errors of the probabilities", "error", ">the model");
        row(table, "Expected calibration error", "ece", isFitted);
        row(table, "Brier score", "brier", isFitted);
        row(table, "Log loss", "log_loss", isFitted);
        table.end();
    }

    private void row(Table table, String name, String field, boolean isFitted) {
        if (isFitted) {
            table.row(Cell.of(name), Cell.decimal(without(), field), Cell.decimal(with(), field));
        } else {
            table.row(Cell.of(name), Cell.decimal(without(), field));
        }
    }

    private String sentence(boolean isFitted) {
        String error = "The probabilities differ from the share of right predictions by %s on average."
                .formatted(Numbers.decimal(without(), "ece"));
        if (!isFitted) {
            return error;
        }
        String temperature = Numbers.decimal(calibration(), "temperature");
        return error
                + " With the temperature %s, fitted on the validation rows, it is %s. %s"
                        .formatted(
                                temperature,
                                Numbers.decimal(with(), "ece"),
                                calibration().path("served").asBoolean(false)
                                        ? "The model has this temperature."
                                        : isCloser()
                                                ? "Train with the task option calibrate to give it to the model."
                                                : "The model is better without it.");
    }

    private boolean isCloser() {
        return with().path("ece").asDouble() < without().path("ece").asDouble();
    }

    private static List<Plot.Point> points(JsonNode figures) {
        return figures.path("bins")
                .valueStream()
                .filter(bin -> bin.path("confidence").isNumber())
                .map(bin -> new Plot.Point(
                        bin.path("confidence").asDouble(), bin.path("accuracy").asDouble(0)))
                .toList();
    }
}
