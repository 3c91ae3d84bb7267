package dev.anneal.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Where output goes: lines that stay and, on a real terminal, one live line below them that is redrawn. */
final class Terminal {
    private static final String ERASE = "\r\033[2K";

    private final PrintStream out;
    private final PrintStream err;
    private final boolean live;
    private final boolean colour;
    private final int width;
    private boolean drawn;
    private boolean closed;

    Terminal(PrintStream out, PrintStream err, boolean live, boolean colour, int width) {
        this.out = out;
        this.err = err;
        this.live = live;
        this.colour = colour;
        this.width = width;
    }

    static Terminal system() {
        Map<String, String> environment = System.getenv();
        // The script looks at the file descriptor; Java itself cannot tell whether only stdout is a terminal.
        boolean terminal = System.getProperty("anneal.terminal") == null
                ? System.console() != null
                : Boolean.getBoolean("anneal.terminal");
        boolean live = terminal && !"dumb".equals(environment.get("TERM"));
        boolean colour = live && environment.getOrDefault("NO_COLOR", "").isEmpty();
        return new Terminal(
                utf8(FileDescriptor.out),
                utf8(FileDescriptor.err),
                live,
                colour,
                Integer.getInteger("anneal.columns", terminal ? 80 : 120));
    }

    private static PrintStream utf8(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
    }

    boolean isLive() {
        return live;
    }

    int width() {
        return width;
    }

    /** The same terminal with its lines kept to itself, for output that only a program reads. */
    Terminal silent() {
        return new Terminal(new PrintStream(PrintStream.nullOutputStream()), err, false, false, width);
    }

    synchronized void line(String text) {
        erase();
        out.println(text);
    }

    void line() {
        line("");
    }

    /** Part of a line that goes on. */
    synchronized void piece(String text) {
        erase();
        out.print(text);
        out.flush();
    }

    synchronized void error(String text) {
        erase();
        err.println(text);
    }

    /** Redraws the live line; nothing where output is not a terminal. */
    synchronized void live(String text) {
        if (live && !closed) {
            out.print(ERASE + text);
            out.flush();
            drawn = true;
        }
    }

    /** What goes on just now: redrawn in place, or else a line. */
    void status(String text) {
        if (live) {
            live(text);
        } else {
            line(text);
        }
    }

    /** From here on nothing is redrawn, so that last words stay last. */
    synchronized void close() {
        erase();
        closed = true;
    }

    private void erase() {
        if (drawn) {
            out.print(ERASE);
            out.flush();
            drawn = false;
        }
    }

    String bold(String text) {
        return paint("1", text);
    }

    String dim(String text) {
        return paint("2", text);
    }

    String red(String text) {
        return paint("31", text);
    }

    String accent(String text) {
        return paint("36", text);
    }

    private String paint(String code, String text) {
        return colour ? "\033[" + code + "m" + text + "\033[0m" : text;
    }
}
