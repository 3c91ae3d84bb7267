package dev.anneal.training;

import dev.anneal.json.Json;
import dev.anneal.training.event.EventStream;
import dev.anneal.training.process.StopRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** A whole training in this process, with its events. */
record Training(Path directory, List<JsonNode> all) {
    static Training run(Path work) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        EventStream events = new EventStream(new PrintStream(out, false, StandardCharsets.UTF_8));
        new Trainer(work, events, new StopRequest()).train();
        return new Training(
                work,
                out.toString(StandardCharsets.UTF_8)
                        .lines()
                        .map(Json.MAPPER::readTree)
                        .toList());
    }

    /** The data of those of a type. */
    List<JsonNode> events(String type) {
        return all.stream()
                .filter(event -> event.path("type").asString().equals(type))
                .map(event -> event.path("data"))
                .toList();
    }
}
