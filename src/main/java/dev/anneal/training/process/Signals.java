package dev.anneal.training.process;

import java.util.List;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * The handling of signals in a trainer. By default the JVM exits in order, which unloads libtorch while threads still compute
 * and mostly crashes. The operating system's own handling runs no code of this process.
 */
public final class Signals {
    private Signals() {}

    /** Makes TERM leave a checkpoint, for a trainer that is run by hand. Other signals end the process at once. */
    public static void stopOnTerm(StopRequest stop) {
        handle(SignalHandler.SIG_DFL);
        Signal.handle(new Signal("TERM"), signal -> stop.request());
    }

    /**
     * Ignores signals, for a trainer under a worker. Ctrl-C and service managers signal whole groups of processes, but only the
     * worker decides whether the job ends. It kills its trainers, and they end when it ends.
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
