package dev.anneal.faults;

/** What a kill -9 takes down: a job's trainer; the process that started it; or everything, Postgres with it. */
enum Kind {
    TRAINER,
    WORKER,
    SERVER
}
