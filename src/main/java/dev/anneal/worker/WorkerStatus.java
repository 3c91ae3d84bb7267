package dev.anneal.worker;

/** Whether a worker takes jobs: one that drains finishes what it has; one that is gone was not seen for longer than a lease. */
enum WorkerStatus {
    active,
    draining,
    gone
}
