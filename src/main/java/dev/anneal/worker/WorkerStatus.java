package dev.anneal.worker;

/** The status of a worker. A draining worker finishes its jobs and claims no more; a gone one has not reported for a lease. */
enum WorkerStatus {
    active,
    draining,
    gone
}
