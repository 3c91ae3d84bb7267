package dev.anneal.job.evaluate;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.anneal.job.Job;
import dev.anneal.job.queue.QueuePlace;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An evaluation on the wire. */
record EvaluationView(
        @JsonUnwrapped ComputedView computed,
        Map<String, String> labelMap,
        @Nullable Map<String, Object> metrics) {

    /** @param queue null unless it is queued */
    static EvaluationView of(Job job, @Nullable QueuePlace queue) {
        return new EvaluationView(
                ComputedView.of(job, queue),
                Objects.requireNonNull(job.spec().evaluation()).labelMap(),
                job.testMetrics());
    }
}
