package dev.anneal.training.process;

/** Whether somebody asked the trainer to end; heeded while it trains, which then leaves a checkpoint. */
public final class StopRequest {
    /** EX_TEMPFAIL of sysexits.h: the job can go on elsewhere. */

    /** Thrown where training is left for a request. */
    public static final class Stopped extends RuntimeException {
        public Stopped() {
            super("stopped on request", null, false, false);
        }
    }

    private volatile boolean requested;
    private volatile boolean heeded;

    /** Ends the process at once where there is nothing that a checkpoint would keep. */
    public void request() {
        requested = true;
        if (!heeded) {
            Runtime.getRuntime().halt(WorkFiles.STOPPED_EXIT_CODE);
        }
    }

    /** From here on the caller looks for requests. */
    public void heed() {
        heeded = true;
    }

    /** From here on nobody does: what is written is all there is to keep. */
    public void heedNoMore() {
        heeded = false;
        check();
    }

    public boolean isRequested() {
        return requested;
    }

    public void check() {
        if (requested) {
            throw new Stopped();
        }
    }
}
