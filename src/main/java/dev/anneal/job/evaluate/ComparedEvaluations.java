package dev.anneal.job.evaluate;

import dev.anneal.job.Job;
import dev.anneal.job.Jobs;
import dev.anneal.job.queue.JobKind;
import dev.anneal.job.queue.JobStatus;
import dev.anneal.security.Caller;
import dev.anneal.spec.EvaluationSpec;
import dev.anneal.spec.JobSpec;
import dev.anneal.web.Problem;
import java.util.HashSet;
import java.util.Objects;
import org.springframework.stereotype.Component;

/** Checks that the rows of an evaluation can be compared with those of another one. */
@Component
class ComparedEvaluations {
    private final Jobs jobs;

    ComparedEvaluations(Jobs jobs) {
        this.jobs = jobs;
    }

    /** Refuses the specification of an evaluation if the one that it names has other rows, or no predictions. */
    void check(JobSpec spec) {
        String id = spec.reportOrDefault().compareTo();
        if (id == null) {
            return;
        }
        Job other = jobs.findByIdAndProjectAndKind(id, Caller.current().project(), JobKind.evaluation)
                .orElseThrow(() -> refused(
                        "unknown_evaluation",
                        "There is no evaluation '%s'. GET /api/v1/evaluations lists the evaluations."
                                .formatted(Problem.quote(id))));
        if (other.status() != JobStatus.succeeded) {
            throw refused(
                    "no_predictions",
                    "The evaluation '%s' %s. Compare with it once it succeeds."
                            .formatted(id, other.status().words()));
        }
        if (other.predictions() == null) {
            throw refused(
                    "no_predictions",
                    "The evaluation '%s' has no predictions for rows. Create it again, then compare with it."
                            .formatted(id));
        }
        JobSpec others = other.spec();
        if (!others.dataset().equals(spec.dataset()) || !part(others).equals(part(spec))) {
            throw refused(
                    "other_rows",
                    "The evaluation '%s' is of other rows: %s of the dataset '%s', and this one is of %s of '%s'. Evaluate both models on the same rows."
                            .formatted(id, part(others), others.dataset(), part(spec), spec.dataset()));
        }
        if (others.task() != spec.task() || !new HashSet<>(others.labels()).equals(new HashSet<>(spec.labels()))) {
            throw refused(
                    "other_labels",
                    "The model of the evaluation '%s' has another task or other labels. Compare models with the same ones."
                            .formatted(id));
        }
    }

    private static String part(JobSpec spec) {
        EvaluationSpec rows = Objects.requireNonNull(spec.evaluation());
        return rows.part() + " rows";
    }

    private static Problem refused(String code, String message) {
        return Problem.invalid("compare_to", code, message);
    }
}
