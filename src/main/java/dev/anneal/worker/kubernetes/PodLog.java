package dev.anneal.worker.kubernetes;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Reads a log whose lines begin with their times, over streams that may break off, each line once. */
final class PodLog {
    private final Consumer<String> lines;
    private String last;
    private int atLast;
    private int toSkip;
    /** Whether the stream may still be at lines that the one before had. */
    private boolean repeating;

    PodLog(Consumer<String> lines) {
        this.lines = lines;
    }

    /** From when the next stream is to begin; it may repeat lines. */
    String since() {
        return last;
    }

    /** Up to the end of the stream; what has no end of line there is a line only where the trainer has ended. */
    void read(InputStream in, boolean ended) throws IOException {
        toSkip = atLast;
        repeating = last != null;
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        byte[] buffer = new byte[8192];
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            for (int i = 0; i < read; i++) {
                if (buffer[i] == '\n') {
                    accept(line);
                } else {
                    line.write(buffer[i]);
                }
            }
        }
        if (ended && line.size() > 0) {
            accept(line);
        }
    }

    private void accept(ByteArrayOutputStream bytes) {
        String text = bytes.toString(StandardCharsets.UTF_8);
        bytes.reset();
        int space = text.indexOf(' ');
        String time = space < 0 ? text : text.substring(0, space);
        int order = last == null ? 1 : PodLog.compare(time, last);
        if (repeating && (order < 0 || order == 0 && toSkip-- > 0)) {
            return;
        }
        repeating = false;
        if (order >= 0) { // a line may be older than the one before it, which came by the other stream
            atLast = order == 0 ? atLast + 1 : 1;
            last = time;
        }
        lines.accept(space < 0 ? "" : text.substring(space + 1));
    }

    /** Of two times in UTC; fractions may differ in length, as trailing zeros are left out. */
    private static int compare(String a, String b) {
        try {
            return java.time.Instant.parse(a).compareTo(java.time.Instant.parse(b));
        } catch (java.time.format.DateTimeParseException noTime) {
            return 1;
        }
    }
}
