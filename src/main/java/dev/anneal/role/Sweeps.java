package dev.anneal.role;

import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.Timer;

/** Times the sweeps of this process, which remove what is no longer needed, and counts those that failed. */
public final class Sweeps {
    /** The work of a sweep. */
    @FunctionalInterface
    public interface Sweep<E extends Exception> {
        void run() throws E;
    }

    private Sweeps() {}

    /** Runs a sweep, which may throw: then its outcome is failed. */
    public static <E extends Exception> void time(String sweep, Sweep<E> work) throws E {
        Timer.Sample sample = Timer.start();
        String outcome = "failed";
        try {
            work.run();
            outcome = "done";
        } finally {
            sample.stop(Metrics.timer("anneal.sweeps", "sweep", sweep, "outcome", outcome));
        }
    }
}
