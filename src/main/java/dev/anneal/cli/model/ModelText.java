package dev.anneal.cli.model;

import dev.anneal.cli.terminal.Fields;
import dev.anneal.cli.terminal.Terminal;
import dev.anneal.cli.terminal.Units;
import dev.anneal.cli.view.JobText;
import dev.anneal.cli.view.Metrics;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** Renders a model: its origin, its labels, its size. */
public final class ModelText {
    private ModelText() {}

    public static void print(JsonNode model, Terminal terminal) {
        JobText.fact(terminal, "model", Fields.text(model, "id") + "  " + Fields.text(model, "name"));
        JobText.fact(terminal, "kind", Fields.text(model, "kind") + ", " + Fields.text(model, "status"));
        if (model.hasNonNull("error")) {
            JobText.fact(terminal, "error", JobText.error(model));
        }
        JsonNode health = model.path("health");
        if (health.isObject()) {
            JobText.fact(
                    terminal,
                    "health",
                    Fields.text(health, "state") + " since " + Fields.time(health, "since") + " until "
                            + Fields.time(health, "until"));
            JobText.fact(terminal, "reason", Fields.text(health, "reason"));
            JobText.fact(terminal, "action", Fields.text(health, "action"));
        }
        JobText.fact(
                terminal,
                "architecture",
                Fields.text(model, "architecture") + ", "
                        + Fields.count(model, "parameters") + " parameters, "
                        + Units.bytes(Fields.whole(model, "size_bytes")));
        JobText.fact(terminal, "task", Fields.text(model, "task"));
        String labels = model.path("labels")
                .valueStream()
                .map(label -> Fields.line(label, ""))
                .collect(Collectors.joining(", "));
        JobText.fact(terminal, "labels", labels.isEmpty() ? Fields.NONE : labels);
        JobText.fact(terminal, "max length", Fields.count(model, "max_length") + " tokens");
        for (String origin : new String[] {"source", "base_model", "job", "dataset"}) {
            if (model.hasNonNull(origin)) {
                JobText.fact(terminal, origin.replace('_', ' '), Fields.text(model, origin));
            }
        }
        if (!model.path("files_left_out").isEmpty()) {
            JobText.fact(terminal, "left out", filesLeftOut(model));
        }
        if (model.hasNonNull("metrics")) {
            JobText.fact(terminal, "metrics", Metrics.line(model.get("metrics")));
        }
        JobText.fact(terminal, "created", Fields.time(model, "created_at"));
    }

    /** Returns the files of an uploaded zip that the server neither read nor stored, in one line. */
    static String filesLeftOut(JsonNode model) {
        return model.path("files_left_out")
                .valueStream()
                .map(file -> Fields.line(file, ""))
                .collect(Collectors.joining(", "));
    }
}
