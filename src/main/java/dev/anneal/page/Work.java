package dev.anneal.page;

import dev.anneal.page.api.Api;
import dev.anneal.page.layout.Words;
import dev.anneal.report.html.Cell;
import dev.anneal.report.html.Html;
import dev.anneal.report.html.Numbers;
import dev.anneal.text.Durations;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** A job, an evaluation or a prediction as the API shows it. */
record Work(Kind kind, JsonNode view) {
    enum Kind {
        jobs,
        evaluations,
        predictions;

        /** Returns the name of one, as people call it. */
        String noun() {
            return this == jobs ? "fine-tuning" : name().substring(0, name().length() - 1);
        }
    }

    String id() {
        return view.path("id").asString();
    }

    String name() {
        return view.path("name").asString(id());
    }

    String status() {
        return view.path("status").asString();
    }

    Cell link() {
        return kind == Kind.jobs
                ? Words.link(Api.path("/ui/jobs/%s", id()), name())
                : html -> html.open("span").user(name(), 80).close("span");
    }

    /** Returns a cell with a bar and the step. */
    Cell progress() {
        JsonNode progress = view.path("progress");
        double percent = progress.path("percent").asDouble(0);
        String step = progress.path("step").isNumber()
                ? "step %,d of %,d"
                        .formatted(
                                progress.path("step").asLong(),
                                progress.path("steps").asLong())
                : progress.path("phase").asString("starts");
        return html -> bar(html, percent, step);
    }

    static void bar(Html html, double percent, String words) {
        String value = String.format(Locale.ROOT, "%.1f", percent);
        html.open("div", "class", "progress")
                .element("progress", value + " %", "max", "100", "value", value, "aria-label", "Progress")
                .text(String.format(Locale.ROOT, "%.0f %%, ", percent) + words)
                .close("div");
    }

    String timeLeft() {
        JsonNode eta = view.path("progress").path("eta_seconds");
        return eta.isNumber() ? Durations.seconds(eta.asDouble()) : Numbers.NONE;
    }

    /** Returns a cell with the model that a job made, or the reason of its failure. */
    Cell result() {
        String model = view.path("model").asString("");
        String error = view.path("error").path("message").asString("");
        if (!error.isEmpty()) {
            return Cell.words(error);
        }
        return kind != Kind.jobs || model.isEmpty()
                ? Cell.of(Numbers.NONE)
                : Words.link(Api.path("/ui/models/%s", model), model);
    }
}
