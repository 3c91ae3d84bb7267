package dev.anneal.cli;

import dev.anneal.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The command that lets a model go on with a text, or answer, and shows the words as they come. */
final class Generate {
    static final Command COMMAND = new Command(
            "generate",
            "<model> <prompt> | -",
            "let a model go on with a text; - reads it from stdin",
            List.of(
                    Option.flag("chat", "the text is what a user says; the model answers"),
                    new Option("system", "TEXT", "what the model is told before (with --chat)"),
                    new Option("max-new-tokens", "N", "how long the answer may become (128)"),
                    new Option("temperature", "T", "0 for the likeliest words, higher for others (1)"),
                    new Option("top-p", "P", "draw from the likeliest tokens of this probability"),
                    new Option("top-k", "N", "draw from the N likeliest tokens"),
                    new Option("stop", "TEXT", "end before this text"),
                    new Option("seed", "N", "equal seeds write equal texts"),
                    Option.flag("json", "print the server's JSON, all at once")),
            Generate::run);
    private static final Map<String, String> NUMBERS = Map.of(
            "max-new-tokens", "max_new_tokens",
            "temperature", "temperature",
            "top-p", "top_p",
            "top-k", "top_k",
            "seed", "seed");
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private Generate() {}

    private static int run(Session session) throws IOException, InterruptedException {
        List<String> operands = session.arguments().operands();
        if (operands.size() != 2) {
            throw Failure.usage(
                    operands.isEmpty()
                            ? "Which model, and which text?"
                            : operands.size() == 1
                                    ? "Which text? (- reads from stdin)"
                                    : "One text, please; quote it.");
        }
        String text = operands.get(1).equals("-")
                ? new String(session.in().readAllBytes(), StandardCharsets.UTF_8)
                : operands.get(1);
        Call call = call(session, operands.get(0), text);
        if (session.json()) {
            session.print(session.api().send(call));
            return 0;
        }
        try (Lines lines = session.api().stream(call)) {
            show(lines, session.terminal());
        }
        return 0;
    }

    private static Call call(Session session, String model, String text) {
        Arguments arguments = session.arguments();
        ObjectNode request = Json.MAPPER.createObjectNode();
        if (arguments.has("chat")) {
            var messages = request.putArray("messages");
            arguments
                    .value("system")
                    .ifPresent(
                            system -> messages.addObject().put("role", "system").put("content", system));
            messages.addObject().put("role", "user").put("content", text);
        } else {
            request.put("prompt", text);
        }
        NUMBERS.forEach((option, field) ->
                arguments.value(option).ifPresent(value -> request.set(field, Values.scalar(value))));
        arguments.value("stop").ifPresent(stop -> request.put("stop", stop));
        if (!session.json()) {
            request.put("stream", true);
        }
        return Call.post("/models/" + Call.segment(model) + "/generate", request);
    }

    private static void show(Lines lines, Terminal terminal) throws IOException, InterruptedException {
        String event = "";
        for (Optional<String> next = lines.next(PATIENCE); next.isPresent(); next = lines.next(PATIENCE)) {
            String line = next.get();
            if (line.startsWith("event: ")) {
                event = line.substring("event: ".length());
            } else if (line.startsWith("data: ")) {
                JsonNode data = Json.MAPPER.readTree(line.substring("data: ".length()));
                switch (event) {
                    case "token" -> terminal.piece(Fields.text(data, "text"));
                    case "done" -> {
                        terminal.line();
                        if (Fields.text(data, "finish_reason").equals("length")) {
                            terminal.error("(cut after " + data.path("usage").path("completion_tokens") + " tokens)");
                        }
                        return;
                    }
                    case "error" -> throw new Failure(Fields.text(data, "code") + ": " + Fields.text(data, "detail"));
                    default -> {}
                }
            }
        }
        terminal.line();
        throw new Failure("The connection ended before the text did.");
    }
}
