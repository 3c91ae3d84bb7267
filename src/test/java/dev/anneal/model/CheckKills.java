package dev.anneal.model;

import dev.anneal.transformer.check.CheckMain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;

/** Kills the check of a model as the kernel does if memory runs out. */
final class CheckKills {
    private CheckKills() {}

    /** Waits for the next check that this process starts, and kills it with SIGKILL. */
    static void killNext() {
        Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .pollInterval(Duration.ofMillis(10))
                .until(() -> ProcessHandle.current()
                        .children()
                        .anyMatch(child -> isCheck(child) && child.destroyForcibly()));
    }

    private static boolean isCheck(ProcessHandle child) {
        try {
            return Files.readString(Path.of("/proc/" + child.pid() + "/cmdline"))
                    .contains(CheckMain.class.getName());
        } catch (IOException ended) {
            return false;
        }
    }
}
