package dev.anneal.cli.view;

import dev.anneal.cli.http.Event;
import dev.anneal.cli.http.Wording;
import dev.anneal.cli.terminal.Fields;
import dev.anneal.cli.terminal.ProgressBar;
import dev.anneal.cli.terminal.Terminal;
import java.util.Locale;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/** Shows the statuses and the log of a job, an evaluation or a prediction while it runs. A subclass shows how far it is. */
abstract class StatusProgress implements Consumer<Event> {
    protected final Terminal terminal;
    protected double percent;
    private double saidPercent = -1;
    private boolean hasCheckpoint;

    StatusProgress(Terminal terminal) {
        this.terminal = terminal;
    }

    /** Shows an event that is neither a status, a line of the log nor a checkpoint. */
    abstract void progress(String type, JsonNode data);

    /** Returns whether lines of the log with this level are shown. */
    abstract boolean shows(String level);

    @Override
    public final void accept(Event event) {
        JsonNode data = event.data();
        switch (event.type()) {
            case "status" -> status(data);
            case "log" -> log(data);
            case "checkpoint" -> hasCheckpoint = true;
            default -> progress(event.type(), data);
        }
    }

    private void log(JsonNode data) {
        String level = Fields.text(data, "level").toLowerCase(Locale.ROOT);
        if (shows(level)) {
            terminal.line(terminal.dim(level + ": ") + Wording.message(Fields.text(data, "message")));
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
                now("waiting for a worker");
            }
            case "running" -> {
                if (Fields.whole(data, "attempt") > 1) {
                    terminal.line("attempt " + Fields.text(data, "attempt")
                            + (hasCheckpoint ? ", from the last checkpoint" : ", from the start"));
                }
                now("preparing");
            }
            case "paused" -> now("paused");
            default -> {}
        }
    }

    private void now(String state) {
        terminal.status(terminal.isLive() ? ProgressBar.of(percent / 100, state, terminal) : state);
    }

    /** Prints a line for each tenth, for an output that is not a terminal. */
    final void lineForEachTenth(String text) {
        if (percent >= saidPercent + 10 || percent < saidPercent) {
            saidPercent = percent;
            terminal.line(text);
        }
    }
}
