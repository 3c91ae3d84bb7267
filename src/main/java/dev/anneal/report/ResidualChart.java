package dev.anneal.report;

import dev.anneal.report.chart.Box;
import dev.anneal.report.html.Cell;
import dev.anneal.report.html.Html;
import dev.anneal.report.html.Numbers;
import dev.anneal.report.html.Table;
import dev.anneal.report.section.Section;
import dev.anneal.report.section.Subject;
import tools.jackson.databind.JsonNode;

/** The errors of a regression: predicted minus expected. */
record ResidualChart(Subject subject) implements Section {
    @Override
    public String id() {
        return "residuals";
    }

    @Override
    public String title() {
        return "Residuals";
    }

    @Override
    public boolean isEmpty() {
        return !residuals().path("mean").isNumber();
    }

    private JsonNode residuals() {
        return subject.report().path("residuals");
    }

    @Override
    public void write(Html html) {
        JsonNode residuals = residuals();
        html.element(
                "p",
                "A residual is the predicted number minus the expected one. Their mean is %s, and 90 %% of them are between %s and %s."
                        .formatted(
                                Numbers.decimal(residuals, "mean"),
                                Numbers.decimal(residuals, "p5"),
                                Numbers.decimal(residuals, "p95")));
        new Box(at("min"), at("p5"), at("p25"), at("median"), at("p75"), at("p95"), at("max"))
                .write(html, "residuals-box", "The residuals as a box plot", "predicted minus expected");
        Table table = new Table(
                html,
                "The residuals",
                ">mean",
                ">deviation",
                ">min",
                ">5 %",
                ">25 %",
                ">median",
                ">75 %",
                ">95 %",
                ">max");
        table.row(
                Cell.decimal(residuals, "mean"),
                Cell.decimal(residuals, "standard_deviation"),
                Cell.decimal(residuals, "min"),
                Cell.decimal(residuals, "p5"),
                Cell.decimal(residuals, "p25"),
                Cell.decimal(residuals, "median"),
                Cell.decimal(residuals, "p75"),
                Cell.decimal(residuals, "p95"),
                Cell.decimal(residuals, "max"));
        table.end();
    }

    private double at(String quantile) {
        return residuals().path(quantile).asDouble(0);
    }
}
