package dev.anneal.child;

import dev.anneal.text.Cut;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** The last lines that a child process wrote to its standard error. A thread reads them until the process ends. */
public final class OutputTail {
    private static final int LINES = 20;
    private static final int MAX_LINE = 1000;

    private final Deque<String> lines = new ArrayDeque<>();
    private final Thread reader;

    public OutputTail(InputStream in, String name) {
        this.reader = new Thread(() -> read(in), name);
        reader.setDaemon(true);
        reader.start();
    }

    private void read(InputStream in) {
        try (BufferedReader all = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String line = all.readLine(); line != null; line = all.readLine()) {
                add(line);
            }
        } catch (IOException ended) {
            // the process is gone
        }
    }

    private synchronized void add(String line) {
        lines.addLast(Cut.to(line, MAX_LINE));
        if (lines.size() > LINES) {
            lines.removeFirst();
        }
    }

    /** Waits until all output is read. The process must have ended. */
    public List<String> whole() throws InterruptedException {
        reader.join(1000);
        return lines();
    }

    public synchronized List<String> lines() {
        return new ArrayList<>(lines);
    }
}
