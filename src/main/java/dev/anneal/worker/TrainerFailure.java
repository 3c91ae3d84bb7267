package dev.anneal.worker;

import dev.anneal.job.queue.JobError;
import dev.anneal.job.queue.JobLease;
import dev.anneal.training.process.WorkFiles;
import dev.anneal.worker.executor.TrainerLostException;
import java.util.List;
import java.util.Locale;

/** The reason why a trainer failed, and whether a retry may help. */
record TrainerFailure(JobError error, Kind kind) {
    /** The consequence for the job. */
    enum Kind {
        /** A retry would fail in the same way. */
        FINAL,
        /** A retry may succeed. */
        RETRY,
        /** The job probably needs more memory than there is; retried once. */
        MEMORY,
        /** Something else killed the trainer, or what it needs was unavailable, which is not the job's fault. */
        KILL
    }

    private static final int SIGKILL = 137; // 128 + 9
    private static final List<String> OUT_OF_MEMORY = List.of(
            "out of memory",
            "can't allocate memory",
            "insufficient memory for the java runtime",
            "could not reserve enough space");

    /** Returns how the lease counts the attempt. */
    JobLease.Cause cause() {
        return switch (kind) {
            case MEMORY -> JobLease.Cause.MEMORY;
            case KILL -> JobLease.Cause.KILL;
            case FINAL, RETRY -> JobLease.Cause.TRAINER;
        };
    }

    static TrainerFailure of(TrainerLostException lost) {
        Kind kind = switch (lost.loss()) {
            case KILL, OUTAGE -> Kind.KILL;
            case MEMORY -> Kind.MEMORY;
            case RETRY -> Kind.RETRY;
        };
        String code = lost.loss() == TrainerLostException.Loss.OUTAGE ? "cluster_unavailable" : "trainer_killed";
        return new TrainerFailure(new JobError(code, lost.reason()), kind);
    }

    /**
     * Returns the failure for an exit code.
     *
     * @param memoryKill whether the kernel's OOM killer may have killed the trainer
     * @param advice how to reduce memory
     */
    static TrainerFailure of(int exit, List<String> tail, boolean memoryKill, String advice) {
        String log = String.join("\n", tail).strip();
        String lines = log.isEmpty() ? "" : " The last lines of its log:\n" + log;
        if (exit == SIGKILL && memoryKill) {
            return new TrainerFailure(
                    new JobError(
                            "trainer_killed",
                            "The trainer was killed with SIGKILL, probably by the kernel's OOM killer because memory ran out. "
                                    + advice + lines),
                    Kind.MEMORY);
        }
        if (exit == SIGKILL) {
            return new TrainerFailure(
                    new JobError(
                            "trainer_killed",
                            "The trainer was killed with SIGKILL. The kernel's OOM killer did not run, so something else"
                                    + " killed it." + lines),
                    Kind.KILL);
        }
        if (exit > 128) {
            return new TrainerFailure(
                    new JobError("trainer_crashed", "The trainer crashed with signal " + (exit - 128) + "." + lines),
                    Kind.RETRY);
        }
        if (exit == 0 || tail.isEmpty()) {
            return new TrainerFailure(
                    new JobError(
                            "trainer_failed", "The trainer ended without a result (exit code " + exit + ")." + lines),
                    Kind.RETRY);
        }
        String last = tail.get(tail.size() - 1);
        String lowerCase = log.toLowerCase(Locale.ROOT);
        if (OUT_OF_MEMORY.stream().anyMatch(lowerCase::contains)) {
            String reason = last.endsWith(".") ? last : last + ".";
            return new TrainerFailure(new JobError("out_of_memory", reason + " " + advice + lines), Kind.MEMORY);
        }
        // An error that the trainer reports in words is caused by the job and final. One with a stack trace may pass,
        // unless the exit code says that it would occur again.
        boolean unexpected =
                exit != WorkFiles.FAULT_EXIT_CODE && tail.stream().anyMatch(line -> line.startsWith("\tat "));
        return new TrainerFailure(
                new JobError("trainer_failed", tail.size() > 1 ? last + "\nThe last lines of its log:\n" + log : last),
                unexpected ? Kind.RETRY : Kind.FINAL);
    }
}
