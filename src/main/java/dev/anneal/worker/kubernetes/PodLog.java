package dev.anneal.worker.kubernetes;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads a log with timestamps over streams that may break off, and passes on each line once. */
final class PodLog {
    private final Consumer<String> lines;
    private @Nullable String last;
    private int atLast;
    private int toSkip;
    /** A line without a time, which is an error of the API. */
    private @Nullable String error;
    /** True while the stream may still repeat lines of the previous stream. */
    private boolean repeating;

    PodLog(Consumer<String> lines) {
        this.lines = lines;
    }

    /** Returns the time from which the next stream must begin. It may repeat lines. */
    @Nullable
    String since() {
        return last;
    }

    /**
     * Reads to the end of the stream. An unfinished last line counts only if the trainer has ended. Throws if the API put an
     * error into the stream, because the log may then lack lines.
     */
    void read(InputStream in, boolean ended) throws IOException {
        error = null;
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
        if (error != null) {
            throw new IOException(error);
        }
    }

    private void accept(ByteArrayOutputStream bytes) {
        String text = bytes.toString(StandardCharsets.UTF_8);
        bytes.reset();
        int space = text.indexOf(' ');
        String time = space < 0 ? text : text.substring(0, space);
        Instant at = time(time);
        if (at == null) {
            error = text;
            return;
        }
        int order = last == null ? 1 : at.compareTo(Instant.parse(last));
        if (repeating && (order < 0 || order == 0 && toSkip-- > 0)) {
            return;
        }
        repeating = false;
        if (order >= 0) { // standard output and standard error are stamped apart, so times may step back
            atLast = order == 0 ? atLast + 1 : 1;
            last = time;
        }
        lines.accept(space < 0 ? "" : text.substring(space + 1));
    }

    private static @Nullable Instant time(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException noTime) {
            return null;
        }
    }
}
