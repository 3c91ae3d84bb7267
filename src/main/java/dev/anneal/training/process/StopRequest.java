package dev.anneal.training.process;

/** A request to stop the trainer. While it is enabled, training looks for it and leaves a checkpoint. */
public final class StopRequest {
    /** Thrown when training stops because of a request. */
    public static final class Stopped extends RuntimeException {
        public Stopped() {
            super("stopped on request", null, false, false);
        }
    }

    private volatile boolean requested;
    private volatile boolean enabled;

    /** Requests a stop. If it is not enabled, no work would be lost, so the process ends at once. */
    public void request() {
        requested = true;
        if (!enabled) {
            Runtime.getRuntime().halt(WorkFiles.STOPPED_EXIT_CODE);
        }
    }

    /** Promises that from here on the caller looks for requests. */
    public void enable() {
        enabled = true;
    }

    /** Ends the promise of {@link #enable}; a request that was made before is answered now. */
    public void disable() {
        enabled = false;
        check();
    }

    public boolean isRequested() {
        return requested;
    }

    /** Throws {@link Stopped} if a stop was requested. */
    public void check() {
        if (requested) {
            throw new Stopped();
        }
    }
}
