package dev.anneal.worker;

import dev.anneal.job.JobError;
import java.util.List;

/** Makes a reason out of how a trainer ended. */
final class TrainerFailure {
    private static final int KILL = 137; // 128 + SIGKILL

    private TrainerFailure() {}

    static JobError of(int exit, List<String> tail) {
        String log = String.join("\n", tail).strip();
        if (exit == KILL) {
            return new JobError(
                    "trainer_killed",
                    "The trainer was killed (signal 9), as the kernel does when memory runs out; lower batch_size or"
                            + " max_length. Its last lines:\n" + log);
        }
        if (exit > 128) {
            return new JobError(
                    "trainer_crashed", "The trainer died of signal " + (exit - 128) + ". Its last lines:\n" + log);
        }
        if (exit == 0) {
            return new JobError("trainer_failed", "The trainer ended without a result. Its last lines:\n" + log);
        }
        String last = tail.isEmpty() ? "it left no message (exit code " + exit + ")" : tail.get(tail.size() - 1);
        return new JobError("trainer_failed", tail.size() > 1 ? last + "\nIts last lines:\n" + log : last);
    }
}
