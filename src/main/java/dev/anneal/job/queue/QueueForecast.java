package dev.anneal.job.queue;

import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** Forecasts when a slot reaches a position in the queue; {@code meanSeconds} is null if no job has succeeded yet. */
record QueueForecast(List<Slot> slots, @Nullable Double meanSeconds) {
    /** A slot and, while it is busy, the seconds until it may be free; its memory is null if any job fits. */
    record Slot(
            @Nullable Long memory, boolean busy, @Nullable Double etaSeconds) {
        boolean fits(@Nullable Long job) {
            return memory == null || job == null || job <= memory;
        }
    }

    QueueForecast forMemory(@Nullable Long job) {
        return new QueueForecast(slots.stream().filter(slot -> slot.fits(job)).toList(), meanSeconds);
    }

    long free() {
        return slots.stream().filter(slot -> !slot.busy()).count();
    }

    long largest() {
        return slots.stream()
                .map(Slot::memory)
                .filter(Objects::nonNull)
                .max(Comparator.naturalOrder())
                .orElse(Long.MAX_VALUE);
    }

    /** Returns the seconds until the job at a position starts, counted from 1; null if unknown. */
    @Nullable
    Double seconds(long position) {
        PriorityQueue<Double> ends = new PriorityQueue<>();
        slots.stream().map(this::end).filter(Objects::nonNull).forEach(ends::add);
        for (long i = 1; i < position && !ends.isEmpty(); i++) {
            double start = ends.remove();
            if (meanSeconds != null) {
                ends.add(start + meanSeconds);
            }
        }
        return ends.peek();
    }

    private @Nullable Double end(Slot slot) {
        if (!slot.busy()) {
            return 0.0;
        }
        return slot.etaSeconds() == null ? meanSeconds : slot.etaSeconds();
    }
}
