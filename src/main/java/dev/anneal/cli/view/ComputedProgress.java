package dev.anneal.cli.view;

import dev.anneal.cli.terminal.Fields;
import dev.anneal.cli.terminal.ProgressBar;
import dev.anneal.cli.terminal.Terminal;
import dev.anneal.text.Durations;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** Shows an evaluation or a prediction while it is computed: a bar, or lines if the output is not a terminal. */
public final class ComputedProgress extends StatusProgress {
    public ComputedProgress(Terminal terminal) {
        super(terminal);
    }

    @Override
    boolean shows(String level) {
        return level.equals("warn");
    }

    @Override
    void progress(String type, JsonNode data) {
        if (!type.equals("progress")) {
            return;
        }
        percent = Fields.number(data, "percent");
        String text = String.format(
                Locale.ROOT,
                "%3.0f%%  %s of %s  %s/s  %s left",
                percent,
                Fields.count(data, "examples_done"),
                Fields.count(data, "examples"),
                Fields.decimal(data, "examples_per_second", 0),
                Durations.seconds(Fields.number(data, "eta_seconds")));
        if (terminal.isLive()) {
            terminal.live(ProgressBar.of(percent / 100, text, terminal));
        } else {
            lineForEachTenth(text);
        }
    }
}
