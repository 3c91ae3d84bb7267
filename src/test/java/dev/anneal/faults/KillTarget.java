package dev.anneal.faults;

/** The target of a kill -9: a job's trainer, the process that started it, or everything including Postgres. */
enum KillTarget {
    TRAINER,
    WORKER,
    SERVER
}
