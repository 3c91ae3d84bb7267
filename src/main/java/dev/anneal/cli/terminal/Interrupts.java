package dev.anneal.cli.terminal;

/** Runs an action if the user stops the command (Ctrl-C) inside the block. */
public final class Interrupts implements AutoCloseable {
    private final Thread hook;

    private Interrupts(Runnable action) {
        this.hook = new Thread(action, "interrupt");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    public static Interrupts call(Runnable action) {
        return new Interrupts(action);
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException stopping) {
            // The process shuts down, and the action runs already.
        }
    }
}
