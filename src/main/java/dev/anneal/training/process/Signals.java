package dev.anneal.training.process;

import java.util.List;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * What signals do to a trainer. The JVM would answer them with an orderly exit, which takes libtorch down under the threads
 * that compute and mostly crashes; the operating system's own handling runs nothing.
 */
public final class Signals {
    private Signals() {}

    /** Run by hand, a trainer ends at once; asked to terminate, it leaves a checkpoint. */
    public static void end(StopRequest stop) {
        handle(SignalHandler.SIG_DFL);
        Signal.handle(new Signal("TERM"), signal -> stop.request());
    }

    /**
     * Under a worker it does not: Ctrl-C and service managers signal whole groups of processes, and whether the job goes on
     * is for the worker to say, which kills its trainers or, by its own end, ends them.
     */
    public static void ignore() {
        handle(SignalHandler.SIG_IGN);
    }

    private static void handle(SignalHandler handler) {
        for (String signal : List.of("TERM", "INT", "HUP")) {
            Signal.handle(new Signal(signal), handler);
        }
    }
}
