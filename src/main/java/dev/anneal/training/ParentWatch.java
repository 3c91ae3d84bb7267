package dev.anneal.training;

import java.io.IOException;
import java.io.InputStream;

/** Ends this process when the one that started it is gone, which held the other end of its standard input. */
final class ParentWatch {
    static final String VARIABLE = "ANNEAL_WATCH_PARENT";

    private ParentWatch() {}

    static void start(InputStream parent) {
        Thread watch = new Thread(() -> waitForEnd(parent), "parent-watch");
        watch.setDaemon(true);
        watch.start();
    }

    private static void waitForEnd(InputStream parent) {
        try {
            while (parent.read() >= 0) {}
        } catch (IOException e) {
            // a broken pipe is an end, too
        }
        System.err.println("the worker that started this trainer is gone");
        Runtime.getRuntime().halt(1);
    }
}
