package dev.anneal.training.checkpoint;

/**
 * The time between checkpoints: short at first, so that an attempt that is soon killed still leaves one, then twice as long
 * each time, up to the interval that the job asks for. Writing takes a small share of the time.
 */
final class CheckpointPace {
    private static final double FIRST_SECONDS = 1;
    private static final double SHARE = 0.05;

    private final double most;
    private double seconds;

    CheckpointPace(double most) {
        this.most = most;
        this.seconds = Math.min(most, FIRST_SECONDS);
    }

    /** Returns the time from the last checkpoint to the next. */
    synchronized double seconds() {
        return seconds;
    }

    /** Sets the next interval, after a checkpoint that took this long. */
    synchronized void wrote(double took) {
        seconds = Math.min(most, Math.max(2 * seconds, took / SHARE));
    }
}
