package dev.anneal.job.evaluate;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.anneal.job.Job;
import dev.anneal.job.queue.QueuePlace;
import dev.anneal.spec.ReportOptions;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An evaluation on the wire. */
record EvaluationView(
        @JsonUnwrapped ComputedView computed,
        Map<String, String> labelMap,
        @Nullable List<String> sliceBy,
        @Nullable Map<String, Map<String, List<String>>> terms,
        @Nullable String compareTo,
        @Nullable Integer generatedAnswers,
        @Nullable Map<String, Object> metrics) {

    /** @param queue null unless it is queued */
    static EvaluationView of(Job job, @Nullable QueuePlace queue) {
        ReportOptions report = job.spec().reportOrDefault();
        return new EvaluationView(
                ComputedView.of(job, queue),
                Objects.requireNonNull(job.spec().evaluation()).labelMap(),
                report.sliceBy(),
                report.terms(),
                report.compareTo(),
                job.spec().taskOptions().generatedAnswers(),
                job.testMetrics());
    }
}
