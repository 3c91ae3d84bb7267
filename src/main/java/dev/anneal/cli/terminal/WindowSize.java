package dev.anneal.cli.terminal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import sun.misc.Signal;

/** The width of the window, read again each time the terminal tells that it has changed. */
final class WindowSize {
    private WindowSize() {}

    static IntSupplier watched(int columns) {
        AtomicInteger width = new AtomicInteger(columns);
        try {
            Signal.handle(new Signal("WINCH"), signal -> width.set(ask(width.get())));
        } catch (IllegalArgumentException notOnThisSystem) {
            // The width stays as it was at the start.
        }
        return width::get;
    }

    private static int ask(int before) {
        try {
            // Java has no call for this; stty prints "rows columns".
            Process stty = new ProcessBuilder("sh", "-c", "stty size </dev/tty").start();
            String[] size = new String(stty.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                    .strip()
                    .split(" ");
            return size.length == 2 && size[1].matches("[1-9]\\d{0,4}") ? Integer.parseInt(size[1]) : before;
        } catch (IOException noShell) {
            return before;
        }
    }
}
