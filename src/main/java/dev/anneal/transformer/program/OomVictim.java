package dev.anneal.transformer.program;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The choice of the process that the kernel ends if memory is short. */
public final class OomVictim {
    private static final String FIRST = "1000";

    private OomVictim() {}

    /** Lets the kernel end this process rather than the server or its database. */
    public static void prefer() {
        try {
            Files.writeString(Path.of("/proc/self/oom_score_adj"), FIRST);
        } catch (IOException | UnsupportedOperationException e) {
            // not Linux, or not allowed
        }
    }
}
