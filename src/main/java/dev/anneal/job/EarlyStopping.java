package dev.anneal.job;

import dev.anneal.web.Fields;
import java.util.List;

/** Stop when the metric of the validation rows has not become better for {@code patience} epochs. */
public record EarlyStopping(String metric, int patience) {
    static final List<String> METRICS = List.of("loss", "accuracy", "f1_macro");

    static EarlyStopping of(Fields body) {
        if (!body.has("early_stopping")) {
            return null;
        }
        Fields fields = body.object("early_stopping");
        String metric = fields.choice("metric", METRICS);
        Integer patience = fields.integer("patience", 1, 100);
        fields.refuseUnknown();
        return new EarlyStopping(metric == null ? "loss" : metric, patience == null ? 2 : patience);
    }
}
