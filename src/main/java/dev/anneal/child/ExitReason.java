package dev.anneal.child;

import java.util.Map;

/**
 * Says in words how a child process ended. The last lines of its standard error say more, but may quote the text of another user,
 * so they belong into the log alone.
 */
public final class ExitReason {
    private static final Map<Integer, String> SIGNALS = Map.of(
            132, "SIGILL", 134, "SIGABRT", 135, "SIGBUS", 136, "SIGFPE", 137, "SIGKILL", 139, "SIGSEGV", 143,
            "SIGTERM");

    private ExitReason() {}

    /** Returns a sentence such as "It was ended by SIGABRT." */
    public static String of(int exit) {
        return SIGNALS.containsKey(exit)
                ? "It was ended by " + SIGNALS.get(exit) + "."
                : "It ended with exit code " + exit + ".";
    }
}
