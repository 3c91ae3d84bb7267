package dev.anneal.training;

/** Whether somebody asked the trainer to end; heeded while it trains, which then leaves a checkpoint. */
final class StopRequest {
    /** EX_TEMPFAIL of sysexits.h: the job can go on elsewhere. */
    static final int EXIT_CODE = 75;

    /** Thrown where training is left for a request. */
    static final class Stopped extends RuntimeException {
        Stopped() {
            super("stopped on request", null, false, false);
        }
    }

    private volatile boolean requested;
    private volatile boolean heeded;

    /** Ends the process at once where there is nothing that a checkpoint would keep. */
    void request() {
        requested = true;
        if (!heeded) {
            Runtime.getRuntime().halt(EXIT_CODE);
        }
    }

    /** From here on the caller looks for requests. */
    void heed() {
        heeded = true;
    }

    /** From here on nobody does: what is written is all there is to keep. */
    void heedNoMore() {
        heeded = false;
        check();
    }

    boolean isRequested() {
        return requested;
    }

    void check() {
        if (requested) {
            throw new Stopped();
        }
    }
}
