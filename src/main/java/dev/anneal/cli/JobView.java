package dev.anneal.cli;

import java.util.Locale;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/** A job as it trains: a row per epoch, and below them a bar, or now and then a line where nothing can be redrawn. */
final class JobView implements Consumer<JobEvent> {
    private static final String ROW = "%5s  %10s  %15s  %8s  %8s  %10s  %12s";

    private final Terminal terminal;
    private boolean headed;
    private double percent;
    private double saidPercent = -1;
    private long drawnAt;

    JobView(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void accept(JobEvent event) {
        JsonNode data = event.data();
        switch (event.type()) {
            case "status" -> status(data);
            case "step" -> step(data);
            case "epoch" -> epoch(data);
            case "log" ->
                terminal.line(terminal.dim(Fields.text(data, "level").toLowerCase(Locale.ROOT) + ": ")
                        + Fields.text(data, "message"));
            default -> {}
        }
    }

    private void status(JsonNode data) {
        switch (Fields.text(data, "status")) {
            case "queued" -> now("waiting for a worker");
            case "running" -> {
                if (Fields.whole(data, "attempt") > 1) {
                    terminal.line("attempt " + Fields.text(data, "attempt") + ", from the last checkpoint");
                }
                now("preparing");
            }
            case "paused" -> now("paused");
            default -> {}
        }
    }

    private void now(String state) {
        terminal.status(terminal.isLive() ? Bar.of(percent / 100, state, terminal) : state);
    }

    private void step(JsonNode data) {
        percent = Fields.number(data, "percent");
        if (terminal.isLive()) {
            long now = System.nanoTime();
            if (now - drawnAt > 80_000_000 || percent >= 100) {
                drawnAt = now;
                terminal.live(Bar.of(percent / 100, progress(data), terminal));
            }
        } else if (percent >= saidPercent + 10 || percent < saidPercent) {
            saidPercent = percent;
            terminal.line(progress(data));
        }
    }

    private static String progress(JsonNode data) {
        return String.format(
                Locale.ROOT,
                "%3.0f%%  epoch %s/%s  step %s/%s  loss %s  %s ex/s  %s left",
                Fields.number(data, "percent"),
                Fields.text(data, "epoch"),
                Fields.text(data, "epochs"),
                Fields.text(data, "step"),
                Fields.text(data, "steps"),
                Fields.decimal(data, "train_loss", 3),
                Fields.decimal(data, "examples_per_second", 0),
                data.hasNonNull("eta_seconds") ? Units.seconds(Fields.number(data, "eta_seconds")) : "?");
    }

    private void epoch(JsonNode metrics) {
        if (!headed) {
            headed = true;
            terminal.line(terminal.dim(heading()));
        }
        terminal.line(row(metrics));
        terminal.live(
                Bar.of(percent / 100, percent < 100 ? "next epoch" : "testing and publishing the model", terminal));
    }

    static String heading() {
        return row("epoch", "train loss", "validation loss", "accuracy", "macro F1", "examples/s", "time");
    }

    static String row(JsonNode metrics) {
        return row(
                Fields.text(metrics, "epoch"),
                Fields.decimal(metrics, "train_loss", 4),
                Fields.decimal(metrics, "validation_loss", 4),
                Fields.percent(metrics, "accuracy"),
                Fields.decimal(metrics, "f1_macro", 3),
                Fields.decimal(metrics, "examples_per_second", 0),
                Units.seconds(Fields.number(metrics, "seconds")));
    }

    private static String row(Object... cells) {
        return String.format(Locale.ROOT, ROW, cells);
    }
}
