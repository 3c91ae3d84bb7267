package dev.anneal.training;

/** Measures consecutive laps in seconds. */
final class Stopwatch {
    private long lapStart;

    void start() {
        lapStart = System.nanoTime();
    }

    /** Returns the time since the start or the last lap. */
    double lap() {
        double seconds = secondsSince(lapStart);
        lapStart = System.nanoTime();
        return seconds;
    }

    static double secondsSince(long nanoTime) {
        return (System.nanoTime() - nanoTime) / 1e9;
    }
}
