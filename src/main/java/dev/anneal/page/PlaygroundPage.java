package dev.anneal.page;

import dev.anneal.page.api.Api;
import dev.anneal.page.layout.Frame;
import dev.anneal.page.layout.Words;
import dev.anneal.report.html.Html;
import dev.anneal.role.ForRole;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** The playground: a text or a conversation for one model, or for two side by side. A script calls them and shows their answers. */
@RestController
@ForRole("api")
class PlaygroundPage {
    private static final Set<String> GENERATORS = Set.of("gpt2", "llama", "mistral", "qwen2", "qwen3");
    private static final Set<String> PREDICTED =
            Set.of("text-classification", "text-regression", "token-classification");

    private final Api api;

    PlaygroundPage(Api api) {
        this.api = api;
    }

    /** A model that can be called, and the operation that calls it. */
    private record Callable(JsonNode model, String operation) {}

    @GetMapping("/ui/playground")
    ResponseEntity<String> show(@RequestParam(required = false) @Nullable String model) {
        List<Callable> models = new ArrayList<>();
        if (model != null) {
            add(models, api.get(Api.path("/api/v1/models/%s", model)));
        }
        api.get("/api/v1/models", "limit", "200").path("data").forEach(each -> add(models, each));
        return Frame.page("Playground", "playground", html -> write(html, models), "playground.js");
    }

    /** Returns the operation that calls a model, or null if none does. */
    static @Nullable String operation(JsonNode model) {
        if (!model.path("status").asString().equals("ready")) {
            return null;
        }
        if (PREDICTED.contains(model.path("task").asString(""))) {
            return "predict";
        }
        return GENERATORS.contains(model.path("architecture").asString("")) ? "generate" : null;
    }

    private static void add(List<Callable> models, JsonNode model) {
        String operation = operation(model);
        boolean isThere =
                models.stream().anyMatch(other -> other.model().path("id").equals(model.path("id")));
        if (operation != null && !isThere) {
            models.add(new Callable(model, operation));
        }
    }

    private static void write(Html html, List<Callable> models) {
        if (models.isEmpty()) {
            Words.empty(html, "No model can be called yet. A job publishes one when it succeeds.");
            html.open("p").element("a", "New job", "href", "/ui/jobs/new").close("p");
            return;
        }
        html.open("form", "method", "get", "action", "/ui/playground", "data-try", "");
        html.open("div", "class", "columns");
        choice(html, "first", "Model", models, false);
        choice(html, "second", "Second model (optional)", models, true);
        html.close("div");
        html.element("label", "Text", "for", "words");
        html.element("textarea", "", "id", "words", "rows", "5", "required", "", "maxlength", "100000");
        html.open("div", "class", "filter");
        html.element("label", "Generated text", "for", "mode")
                .open("select", "id", "mode")
                .element("option", "answers in a conversation", "value", "chat")
                .element("option", "continues the text", "value", "text")
                .close("select");
        html.element("label", "New tokens", "for", "tokens");
        html.empty("input", "type", "number", "id", "tokens", "min", "1", "max", "4096", "value", "128");
        html.element("label", "Temperature", "for", "temperature");
        html.empty(
                "input", "type", "number", "id", "temperature", "min", "0", "max", "2", "step", "0.1", "value", "0.7");
        html.element("button", "Ask", "type", "submit")
                .element("button", "New conversation", "type", "button", "id", "again", "class", "plain")
                .close("div")
                .close("form");
        html.open("div", "class", "columns", "id", "answers", "aria-live", "polite")
                .close("div");
    }

    private static void choice(Html html, String id, String label, List<Callable> models, boolean isOptional) {
        html.open("div").element("label", label, "for", id).open("select", "id", id);
        if (isOptional) {
            html.element("option", "none", "value", "");
        }
        for (Callable each : models) {
            html.open("option", "value", each.model().path("id").asString(), "data-operation", each.operation())
                    .text(Html.cut(each.model().path("name").asString(), 60) + " ("
                            + each.model().path("task").asString("generates text") + ")")
                    .close("option");
        }
        html.close("select").close("div");
    }
}
