package dev.anneal.worker;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

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

    /** A slot and the job that it runs. Its memory is null if it has no limit. */
    record Device(
            String slot,
            String device,
            @Nullable Long memoryBytes,
            @Nullable String job) {}
}
