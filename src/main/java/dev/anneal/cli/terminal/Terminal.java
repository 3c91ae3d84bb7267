package dev.anneal.cli.terminal;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.IntSupplier;
import java.util.regex.Pattern;

/** The output: lines that stay and, on a real terminal, one live line below them that is redrawn. */
public final class Terminal {
    private static final String ERASE = "\r\033[2K";

    private static final Pattern UNPRINTABLE =
            Pattern.compile("(?!\\u001b\\[(?:0|1|2|31|36)m)[\\p{Cc}\\u202a-\\u202e\\u2066-\\u2069&&[^\\n\\t]]");

    private final PrintStream out;
    private final PrintStream err;
    private final boolean live;
    private final boolean colour;
    private final IntSupplier width;
    private boolean drawn;
    private boolean closed;

    public Terminal(PrintStream out, PrintStream err, boolean live, boolean colour, IntSupplier width) {
        this.out = out;
        this.err = err;
        this.live = live;
        this.colour = colour;
        this.width = width;
    }

    public static Terminal system() {
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
                live ? WindowSize.watched(Integer.getInteger("anneal.columns", 80)) : () -> 120);
    }

    private static PrintStream utf8(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
    }

    public boolean isLive() {
        return live;
    }

    /** Returns the number of columns now; a window can change while a command runs. */
    public int width() {
        return width.getAsInt();
    }

    /** Returns a writer whose output stays, as lines do. */
    public PrintWriter writer() {
        return new PrintWriter(out, true);
    }

    public boolean hasColour() {
        return colour;
    }

    /** Returns a terminal that discards lines and keeps errors, for commands whose output a program reads. */
    public Terminal silent() {
        return new Terminal(new PrintStream(PrintStream.nullOutputStream()), err, false, false, width);
    }

    public synchronized void line(String text) {
        erase();
        out.println(printable(text));
    }

    public void line() {
        line("");
    }

    /** Prints a part of a line that others wrote, without a line break. */
    public synchronized void piece(String text) {
        erase();
        out.print(printable(text.replace("\033", "")));
        out.flush();
    }

    public synchronized void error(String text) {
        erase();
        err.println(printable(text));
    }

    /** Redraws the live line. Does nothing if the output is not a terminal. */
    public synchronized void live(String text) {
        if (live && !closed) {
            out.print(ERASE + printable(text));
            out.flush();
            drawn = true;
        }
    }

    /** Shows what happens now: as the live line, or as a line if the output is not a terminal. */
    public void status(String text) {
        if (live) {
            live(text);
        } else {
            line(text);
        }
    }

    /** Erases the live line and ends redrawing, so that what is printed next stays the last line. */
    public synchronized void close() {
        erase();
        closed = true;
    }

    /**
     * Removes what names and model output must not do to a terminal: control characters, which move the cursor or set the
     * title, and marks that reverse the reading direction. Line breaks, tabs and our own colours stay.
     */
    static String printable(String text) {
        return UNPRINTABLE.matcher(text).replaceAll("");
    }

    private void erase() {
        if (drawn) {
            out.print(ERASE);
            out.flush();
            drawn = false;
        }
    }

    public String bold(String text) {
        return paint("1", text);
    }

    public String dim(String text) {
        return paint("2", text);
    }

    public String red(String text) {
        return paint("31", text);
    }

    public String accent(String text) {
        return paint("36", text);
    }

    private String paint(String code, String text) {
        return colour ? "\033[" + code + "m" + text + "\033[0m" : text;
    }
}
