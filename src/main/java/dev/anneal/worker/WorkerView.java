package dev.anneal.worker;

import java.time.Instant;
import java.util.List;

/** A worker on the wire. */
record WorkerView(
        String id,
        String host,
        String version,
        WorkerStatus status,
        int slots,
        long busy,
        List<Device> devices,
        Instant startedAt,
        Instant lastSeenAt) {

    /** One slot, with the job that it runs; its memory is null where any job fits. */
    record Device(String slot, String device, Long memoryBytes, String job) {}
}
