package dev.anneal.training.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/**
 * Ends this process when the worker that started it has ended, which closes the standard input. A line {@code stop} there
 * requests a stop.
 */
public final class ParentWatch {
    public static final String VARIABLE = "ANNEAL_WATCH_PARENT";

    private static final String STOP = "stop";

    private ParentWatch() {}

    public static void start(InputStream parent, StopRequest stop) {
        Thread watch = new Thread(() -> waitForEnd(parent, stop), "parent-watch");
        watch.setDaemon(true);
        watch.start();
    }

    private static void waitForEnd(InputStream parent, StopRequest stop) {
        try {
            BufferedReader lines = new BufferedReader(new InputStreamReader(parent, StandardCharsets.US_ASCII));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.equals(STOP)) {
                    stop.request();
                }
            }
        } catch (IOException e) {
            // a broken pipe means the same as the end of the input
        }
        System.err.println("The worker that started this trainer has ended.");
        Runtime.getRuntime().halt(1);
    }
}
