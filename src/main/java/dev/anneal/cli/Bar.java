package dev.anneal.cli;

/** A bar of cells, full up to a share of the work, with words beside it that fit into the terminal. */
final class Bar {
    private static final int CELLS = 28;

    private Bar() {}

    static String of(double share, String words, Terminal terminal) {
        int full = (int) Math.round(CELLS * Math.min(1, Math.max(0, share)));
        String bar = terminal.accent("━".repeat(full)) + terminal.dim("─".repeat(CELLS - full));
        // One column stays free: a line of exactly the terminal's width would wrap and could not be redrawn.
        return bar + "  " + Units.cut(words, Math.max(8, terminal.width() - CELLS - 3));
    }
}
