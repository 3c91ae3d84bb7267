package dev.anneal.job.queue;

import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.PriorityQueue;

/** When the slots that there are will have come to a place in the queue; the mean is null where no job has ended yet. */
record QueueForecast(List<Slot> slots, Double meanSeconds) {
    /** A slot and, while it is busy, when it may be done; its memory is null where any job fits. */
    record Slot(Long memory, boolean busy, Double etaSeconds) {
        boolean fits(Long job) {
            return memory == null || job == null || job <= memory;
        }
    }

    QueueForecast forMemory(Long job) {
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

    /** Until the job at the position starts, 1 being the first; null where that cannot be told. */
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

    private Double end(Slot slot) {
        if (!slot.busy()) {
            return 0.0;
        }
        return slot.etaSeconds() == null ? meanSeconds : slot.etaSeconds();
    }
}
