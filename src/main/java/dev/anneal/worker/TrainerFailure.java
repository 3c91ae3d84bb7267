package dev.anneal.worker;

import dev.anneal.job.queue.JobError;
import java.util.List;
import java.util.Locale;

/** Why a trainer ended, and whether another try may end otherwise. */
record TrainerFailure(JobError error, Kind kind) {
    /** What follows of a failure. */
    enum Kind {
        /** The same would come of it again. */
        FINAL,
        /** Something that need not happen again. */
        RETRY,
        /** Less memory than the job needs, as it seems. */
        MEMORY
    }

    private static final int KILL = 137; // 128 + SIGKILL
    private static final List<String> OUT_OF_MEMORY = List.of(
            "out of memory",
            "can't allocate memory",
            "insufficient memory for the java runtime",
            "could not reserve enough space");

    /** {@code memoryKill}: whether the kernel may have killed it for want of memory; {@code lower}: what helps then. */
    static TrainerFailure of(int exit, List<String> tail, boolean memoryKill, String lower) {
        String log = String.join("\n", tail).strip();
        String lines = log.isEmpty() ? "" : " Its last lines:\n" + log;
        if (exit == KILL && memoryKill) {
            return new TrainerFailure(
                    new JobError(
                            "trainer_killed",
                            "The trainer was killed (signal 9), as the kernel does when memory runs out. " + lower
                                    + lines),
                    Kind.MEMORY);
        }
        if (exit == KILL) {
            return new TrainerFailure(
                    new JobError(
                            "trainer_killed",
                            "The trainer was killed (signal 9), and not by the kernel for want of memory, which has killed"
                                    + " nothing meanwhile." + lines),
                    Kind.RETRY);
        }
        if (exit > 128) {
            return new TrainerFailure(
                    new JobError("trainer_crashed", "The trainer died of signal " + (exit - 128) + "." + lines),
                    Kind.RETRY);
        }
        if (exit == 0 || tail.isEmpty()) {
            return new TrainerFailure(
                    new JobError(
                            "trainer_failed", "The trainer ended without a result (exit code " + exit + ")." + lines),
                    Kind.RETRY);
        }
        String last = tail.get(tail.size() - 1);
        String known = log.toLowerCase(Locale.ROOT);
        if (OUT_OF_MEMORY.stream().anyMatch(known::contains)) {
            return new TrainerFailure(new JobError("out_of_memory", last + ". " + lower + lines), Kind.MEMORY);
        }
        // What the trainer has words for is the job's fault; a stack trace is not, and need not come again.
        boolean fault = tail.stream().anyMatch(line -> line.startsWith("\tat "));
        return new TrainerFailure(
                new JobError("trainer_failed", tail.size() > 1 ? last + "\nIts last lines:\n" + log : last),
                fault ? Kind.RETRY : Kind.FINAL);
    }
}
