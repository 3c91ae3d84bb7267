package dev.anneal.cli;

import dev.anneal.json.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The command that asks a model about texts, given as operands or line by line on stdin. */
final class Predict {
    static final Command COMMAND = new Command(
            "predict",
            "<model> <text>… | -",
            "classify texts; - reads one per line from stdin",
            List.of(
                    new Option("top-k", "N", "show the N best labels of each text"),
                    Option.flag("json", "print the server's JSON, a line per batch")),
            Predict::run);
    private static final int BATCH = 200;

    private Predict() {}

    private static int run(Session session) throws IOException, InterruptedException {
        List<String> operands = session.arguments().operands();
        if (operands.size() < 2) {
            throw Failure.usage(
                    operands.isEmpty() ? "Which model, and which text?" : "Which text? (- reads from stdin)");
        }
        Api api = session.api();
        String model = operands.get(0);
        List<String> texts = operands.subList(1, operands.size());
        if (!texts.equals(List.of("-"))) {
            predict(session, api, model, texts);
            return 0;
        }
        BufferedReader lines = new BufferedReader(new InputStreamReader(session.in(), StandardCharsets.UTF_8));
        List<String> batch = new ArrayList<>();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (!line.isBlank()) {
                batch.add(line);
            }
            if (batch.size() == BATCH) {
                predict(session, api, model, batch);
                batch.clear();
            }
        }
        if (!batch.isEmpty()) {
            predict(session, api, model, batch);
        }
        return 0;
    }

    private static void predict(Session session, Api api, String model, List<String> texts)
            throws IOException, InterruptedException {
        JsonNode topK = session.arguments().value("top-k").map(Values::scalar).orElse(null);
        JsonNode answer = api.send(call(model, texts, topK));
        if (session.json()) {
            session.print(answer);
        } else {
            print(answer.path("predictions"), texts, topK != null, session.terminal());
        }
    }

    static Call call(String model, List<String> texts, JsonNode topK) {
        ObjectNode request = Json.MAPPER.createObjectNode();
        texts.forEach(request.putArray("inputs")::add);
        if (topK != null) {
            request.set("top_k", topK);
        }
        return Call.post("/models/" + Call.segment(model) + "/predict", request);
    }

    /** A row per text: the label, how sure the model is, and the beginning of the text. */
    static void print(JsonNode predictions, List<String> texts, boolean scores, Terminal terminal) {
        Table table = new Table("label", ">score", "text");
        int labels = IntStream.range(0, texts.size())
                .map(i -> Fields.text(predictions.path(i), "label").length())
                .max()
                .orElse(0);
        int room = Math.max(20, terminal.width() - Math.max("label".length(), labels) - "  score  ".length());
        for (int i = 0; i < texts.size(); i++) {
            JsonNode prediction = predictions.path(i);
            table.row(
                    Fields.text(prediction, "label"),
                    Fields.decimal(prediction, "score", 3),
                    Units.shorten(texts.get(i), room));
            if (scores) {
                prediction.path("scores").properties().stream()
                        .filter(score -> !score.getKey().equals(Fields.text(prediction, "label")))
                        .sorted((a, b) -> Double.compare(
                                b.getValue().asDouble(), a.getValue().asDouble()))
                        .forEach(score -> table.row(
                                "  " + score.getKey(),
                                Fields.decimal(prediction.path("scores"), score.getKey(), 3),
                                ""));
            }
        }
        table.print(terminal);
    }
}
