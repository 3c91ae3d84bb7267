package dev.anneal.child;

import java.util.List;
import java.util.Map;

/** Says in words why a child process ended, from its exit code and the last lines of its standard error. */
public final class ExitReason {
    private static final Map<Integer, String> SIGNALS = Map.of(
            132, "SIGILL", 134, "SIGABRT", 135, "SIGBUS", 136, "SIGFPE", 137, "SIGKILL", 139, "SIGSEGV", 143,
            "SIGTERM");

    private ExitReason() {}

    /** Returns a clause such as "it was ended by SIGABRT: index out of bounds". */
    public static String of(int exit, List<String> errorLines) {
        String how =
                SIGNALS.containsKey(exit) ? "it was ended by " + SIGNALS.get(exit) : "it ended with exit code " + exit;
        String why = why(errorLines);
        return why.isEmpty() ? how : how + ": " + why;
    }

    /** Returns the message of a panic of native code, of a fatal error of the JVM, or nothing. */
    private static String why(List<String> lines) {
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.contains(" panicked at ")) { // Rust writes the message in the next line
                return i + 1 < lines.size() && !lines.get(i + 1).startsWith("note:")
                        ? lines.get(i + 1).strip()
                        : line.strip();
            }
            if (line.contains("java.lang.OutOfMemoryError") || line.startsWith("memory allocation of ")) {
                return line.strip();
            }
        }
        return "";
    }
}
