package dev.anneal.cli.view;

import dev.anneal.cli.http.Event;
import dev.anneal.cli.http.Wording;
import dev.anneal.cli.terminal.Fields;
import dev.anneal.cli.terminal.ProgressBar;
import dev.anneal.cli.terminal.Terminal;
import dev.anneal.cli.terminal.Units;
import java.util.Locale;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/** Shows an evaluation or a prediction while it is computed: a bar, or lines if the output is not a terminal. */
public final class ComputedProgress implements Consumer<Event> {
    private final Terminal terminal;
    private double saidPercent = -1;

    public ComputedProgress(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void accept(Event event) {
        JsonNode data = event.data();
        switch (event.type()) {
            case "status" -> status(data);
            case "progress" -> progress(data);
            case "log" -> {
                if (Fields.text(data, "level").toLowerCase(Locale.ROOT).equals("warn")) {
                    terminal.line(terminal.dim("warn: ") + Wording.message(Fields.text(data, "message")));
                }
            }
            default -> {}
        }
    }

    private void status(JsonNode data) {
        switch (Fields.text(data, "status")) {
            case "queued" -> {
                if (data.hasNonNull("error")) {
                    terminal.line("attempt " + Fields.text(data, "attempt") + " was lost, retrying: "
                            + Wording.message(Fields.text(data.path("error"), "message"))
                                    .lines()
                                    .findFirst()
                                    .orElse(""));
                }
                terminal.status("waiting for a worker");
            }
            case "running" -> terminal.status("preparing");
            default -> {}
        }
    }

    private void progress(JsonNode data) {
        double percent = Fields.number(data, "percent");
        String text = String.format(
                Locale.ROOT,
                "%3.0f%%  %s of %s  %s/s  %s left",
                percent,
                Fields.count(data, "examples_done"),
                Fields.count(data, "examples"),
                Fields.decimal(data, "examples_per_second", 0),
                Units.seconds(Fields.number(data, "eta_seconds")));
        if (terminal.isLive()) {
            terminal.live(ProgressBar.of(percent / 100, text, terminal));
        } else if (percent >= saidPercent + 10 || percent < saidPercent) {
            saidPercent = percent;
            terminal.line(text);
        }
    }
}
