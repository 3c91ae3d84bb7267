package dev.anneal.cli.view;

import dev.anneal.cli.terminal.Fields;
import dev.anneal.cli.terminal.ProgressBar;
import dev.anneal.cli.terminal.Terminal;
import dev.anneal.text.Durations;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import tools.jackson.databind.JsonNode;

/** Shows a job while it trains: a row for each validation and a bar below them, or lines if the output is not a terminal. */
public final class JobProgress extends StatusProgress {
    private boolean headed;
    private List<String> scores = List.of();
    private long drawnAt;

    public JobProgress(Terminal terminal) {
        super(terminal);
    }

    @Override
    boolean shows(String level) {
        return true;
    }

    @Override
    void progress(String type, JsonNode data) {
        switch (type) {
            case "step" -> step(data);
            case "epoch", "validation" -> validation(data);
            default -> {}
        }
    }

    private void step(JsonNode data) {
        percent = Fields.number(data, "percent");
        if (terminal.isLive()) {
            long now = System.nanoTime();
            if (now - drawnAt > 80_000_000 || percent >= 100) {
                drawnAt = now;
                terminal.live(ProgressBar.of(percent / 100, progress(data), terminal));
            }
        } else {
            lineForEachTenth(progress(data));
        }
    }

    private static String progress(JsonNode data) {
        String phase = data.hasNonNull("phase") ? Fields.text(data, "phase") + "  " : "";
        return String.format(
                Locale.ROOT,
                "%3.0f%%  %sepoch %s/%s  step %s/%s  loss %s  %s ex/s  %s left",
                Fields.number(data, "percent"),
                phase,
                Fields.text(data, "epoch"),
                Fields.text(data, "epochs"),
                Fields.text(data, "step"),
                Fields.text(data, "steps"),
                Fields.decimal(data, "train_loss", 3),
                Fields.decimal(data, "examples_per_second", 0),
                data.hasNonNull("eta_seconds") ? Durations.seconds(Fields.number(data, "eta_seconds")) : "?");
    }

    private void validation(JsonNode metrics) {
        if (!headed) {
            headed = true;
            scores = Metrics.in(metrics);
            terminal.line(terminal.dim(heading(scores)));
        }
        terminal.line(row(metrics, scores));
        String next = isWithinEpoch(metrics) ? "epoch continues" : "next epoch";
        terminal.live(
                ProgressBar.of(percent / 100, percent < 100 ? next : "testing and publishing the model", terminal));
    }

    /** Returns the heading of the rows, with these metrics of the task. */
    static String heading(List<String> scores) {
        return row("epoch", "train loss", "validation loss", scores, Metrics::heading, "examples/s", "time");
    }

    static String row(JsonNode metrics, List<String> scores) {
        String row = row(
                Fields.text(metrics, "epoch"),
                Fields.decimal(metrics, "train_loss", 4),
                Fields.decimal(metrics, "validation_loss", 4),
                scores,
                score -> Metrics.value(metrics, score),
                Fields.decimal(metrics, "examples_per_second", 0),
                Durations.seconds(Fields.number(metrics, "seconds")));
        return isWithinEpoch(metrics) ? row + "  at step " + Fields.text(metrics, "step") : row;
    }

    private static boolean isWithinEpoch(JsonNode metrics) {
        return metrics.path("within_epoch").asBoolean(false);
    }

    private static String row(
            String epoch,
            String trainLoss,
            String validationLoss,
            List<String> scores,
            UnaryOperator<String> cell,
            String speed,
            String time) {
        StringBuilder row = new StringBuilder(String.format("%5s  %10s  %15s", epoch, trainLoss, validationLoss));
        for (String score : scores) {
            int width = Math.max(8, Metrics.heading(score).length());
            row.append(String.format("  %" + width + "s", cell.apply(score)));
        }
        return row.append(String.format("  %10s  %12s", speed, time)).toString();
    }
}
