package dev.anneal.job.plan;

import dev.anneal.evaluation.Metrics;
import dev.anneal.text.Suggest;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.web.Fields;
import dev.anneal.web.Problem;
import java.util.List;

/**
 * Stop when the metric of the validation rows has not become better, by more than {@code minDelta}, for {@code patience}
 * epochs.
 */
public record EarlyStopping(String metric, int patience, double minDelta) {
    static EarlyStopping of(Fields body) {
        if (!body.has("early_stopping")) {
            return null;
        }
        Fields fields = body.object("early_stopping");
        String metric = fields.string("metric", 50);
        Integer patience = fields.integer("patience", 1, 100);
        Double minDelta = fields.number("min_delta", 0, 1e6);
        fields.refuseUnknown();
        return new EarlyStopping(
                metric == null ? "loss" : metric, patience == null ? 2 : patience, minDelta == null ? 0 : minDelta);
    }

    void check(Task task, List<Problem.Error> errors) {
        List<String> known = Metrics.of(task).names();
        if (!known.contains(metric)) {
            errors.add(Problem.Error.field(
                    "early_stopping.metric",
                    "unknown_metric",
                    "'%s' is no metric of %s; known: %s.%s"
                            .formatted(metric, task.text(), String.join(", ", known), Suggest.nearest(metric, known))));
        }
    }
}
