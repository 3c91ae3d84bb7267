package dev.anneal.report;

import dev.anneal.evaluation.Metric;
import dev.anneal.evaluation.Metrics;
import dev.anneal.evaluation.curve.Published;
import dev.anneal.report.chart.Axis;
import dev.anneal.report.chart.Plot;
import dev.anneal.report.html.Cell;
import dev.anneal.report.html.Html;
import dev.anneal.report.html.Numbers;
import dev.anneal.report.html.Table;
import dev.anneal.report.section.MetricText;
import dev.anneal.report.section.Section;
import dev.anneal.report.section.Subject;
import dev.anneal.text.Durations;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** The losses of the epochs, what they mean, and the metrics of each epoch and of the validations within them. */
record LearningCurves(Subject subject) implements Section {
    private static final int MOST_EPOCHS = 50;

    @Override
    public String id() {
        return "learning-curve";
    }

    @Override
    public String title() {
        return "Learning curve";
    }

    @Override
    public boolean isEmpty() {
        return subject.epochs().isEmpty();
    }

    @Override
    public void write(Html html) {
        String message = subject.report().path("learning_curve").path("message").asString("");
        if (!message.isEmpty()) {
            html.element("p", message);
        }
        if (subject.epochs().size() > 1) {
            chart(html, message);
        }
        table(html);
    }

    private void chart(Html html, String message) {
        List<Plot.Point> training = points("train_loss");
        List<Plot.Point> validation = points("validation_loss");
        double[] losses = Stream.concat(training.stream(), validation.stream())
                .mapToDouble(Plot.Point::y)
                .filter(Double::isFinite)
                .toArray();
        if (losses.length == 0) {
            return;
        }
        int last =
                subject.epochs().get(subject.epochs().size() - 1).path(place()).asInt(1);
        Plot plot = new Plot(
                "losses",
                "The losses of the epochs",
                message,
                Axis.ofCounts(place(), 1, last),
                Axis.of(
                        "loss",
                        Arrays.stream(losses).min().orElse(0),
                        Arrays.stream(losses).max().orElse(1)));
        plot.line("training rows", training);
        if (validation.stream().anyMatch(point -> Double.isFinite(point.y()))) {
            plot.line("validation rows", validation);
        }
        subject.epochs().stream()
                .filter(this::isPublished)
                .findFirst()
                .ifPresent(epoch -> plot.mark(epoch.path(place()).asInt(), "published " + place()));
        plot.write(html);
    }

    private List<Plot.Point> points(String loss) {
        return subject.epochs().stream()
                .map(epoch -> new Plot.Point(
                        epoch.path(place()).asInt(0),
                        epoch.path(loss).isNumber() ? epoch.path(loss).asDouble() : Double.NaN))
                .toList();
    }

    /** Returns the field that the horizontal axis shows. */
    private String place() {
        return subject.epochs().stream().anyMatch(LearningCurves::isWithinEpoch) ? "step" : "epoch";
    }

    private static boolean isWithinEpoch(JsonNode validation) {
        return validation.path("within_epoch").asBoolean(false);
    }

    private boolean isPublished(JsonNode validation) {
        return Published.isOf(subject.best(), validation);
    }

    private void table(Html html) {
        List<String> metrics = Metrics.of(subject.spec().task()).list().stream()
                .filter(metric -> !metric.equals(Metric.LOSS))
                .map(Metric::name)
                .filter(metric -> subject.epochs().stream()
                        .anyMatch(epoch -> epoch.path(metric).isNumber()))
                .toList();
        List<String> columns = new ArrayList<>(List.of(">epoch", ">training loss", ">validation loss"));
        metrics.forEach(metric -> columns.add(">" + MetricText.name(metric)));
        columns.add(">rows per second");
        columns.add(">time");
        columns.add("");
        int from = Math.max(0, subject.epochs().size() - MOST_EPOCHS);
        Table table = new Table(html, "The epochs", columns.toArray(String[]::new));
        for (JsonNode epoch : subject.epochs().subList(from, subject.epochs().size())) {
            List<Cell> cells = new ArrayList<>();
            cells.add(Cell.of(epoch.path("epoch").asInt(0)
                    + (isWithinEpoch(epoch) ? ", step " + epoch.path("step").asInt() : "")));
            cells.add(Cell.decimal(epoch, "train_loss"));
            cells.add(Cell.decimal(epoch, "validation_loss"));
            metrics.forEach(metric -> cells.add(Cell.of(MetricText.value(metric, epoch))));
            cells.add(Cell.decimal(epoch, "examples_per_second"));
            cells.add(Cell.of(
                    epoch.path("seconds").isNumber()
                            ? Durations.seconds(epoch.path("seconds").asDouble())
                            : Numbers.NONE));
            cells.add(cell -> {
                if (isPublished(epoch)) {
                    cell.element("span", "published", "class", "tag");
                }
            });
            table.row(cells.toArray(Cell[]::new));
        }
        table.end();
        MetricText.leftOut(html, from, "epoch");
    }
}
