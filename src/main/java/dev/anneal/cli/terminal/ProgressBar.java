package dev.anneal.cli.terminal;

/** Renders a progress bar with words beside it; together they fill the width of the window and never wrap. */
public final class ProgressBar {
    private static final int MIN_CELLS = 8;
    private static final int MAX_CELLS = 60;

    private ProgressBar() {}

    public static String of(double share, String words, Terminal terminal) {
        // One column stays free: a line as wide as the window would wrap and could not be redrawn.
        int room = terminal.width() - 1;
        int cells = Math.min(MAX_CELLS, Math.max(MIN_CELLS, room / 3));
        int full = (int) Math.round(cells * Math.min(1, Math.max(0, share)));
        String bar = terminal.accent("━".repeat(full)) + terminal.dim("─".repeat(cells - full));
        return bar + "  " + Units.cut(words, Math.max(0, room - cells - 2));
    }
}
