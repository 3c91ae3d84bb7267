package dev.anneal.cli;

/** What to do when the user stops the command (Ctrl-C) before the block is left. */
final class Interrupts implements AutoCloseable {
    private final Thread hook;

    private Interrupts(Runnable action) {
        this.hook = new Thread(action, "interrupt");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    static Interrupts call(Runnable action) {
        return new Interrupts(action);
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException stopping) {
            // The process is going down and the action runs already.
        }
    }
}
