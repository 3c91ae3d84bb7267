package dev.anneal.cli.command;

import dev.anneal.cli.http.Api;
import dev.anneal.cli.terminal.Failure;
import dev.anneal.cli.terminal.Fields;
import dev.anneal.cli.terminal.Shell;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Chooses the base model of a job. */
public final class BaseModels {
    /** The base model that comes with the program. */
    public static final String BUNDLED_ENCODER = "all-MiniLM-L6-v2";

    private BaseModels() {}

    /**
     * Returns the id or name of the base model: the one that was named, else the bundled encoder, else the only base model
     * that generates text.
     *
     * @param task empty if the model was named and the task is not known yet
     */
    public static String choose(Api api, Optional<String> named, String task) throws IOException, InterruptedException {
        if (named.isPresent()) {
            String model = named.get();
            // A base model keeps its name, which says more than its id; a fine-tuned one is called by its id.
            JsonNode found = api.get(Lookup.MODEL.path(api, model));
            return Fields.text(found, "kind").equals("base") ? Fields.text(found, "name") : Fields.text(found, "id");
        }
        if (!task.equals("causal-lm")) {
            return BUNDLED_ENCODER;
        }
        List<String> fitting = api.get("/models?kind=base&limit=1000")
                .path("data")
                .valueStream()
                .filter(model -> Fields.text(model, "status").equals("ready"))
                .filter(model -> Fields.text(model, "task").equals(task))
                .map(model -> Fields.text(model, "name"))
                .toList();
        if (fitting.isEmpty()) {
            throw Failure.usage("No base model here generates text, which causal-lm needs. Import one: "
                    + Shell.anneal("import hf:Qwen/Qwen2.5-0.5B"));
        }
        if (fitting.size() > 1) {
            throw Failure.usage("Several base models generate text. Choose one with --model: "
                    + String.join(", ", fitting) + ". To import another one: " + Shell.anneal("import hf:ORG/NAME"));
        }
        return fitting.get(0);
    }
}
