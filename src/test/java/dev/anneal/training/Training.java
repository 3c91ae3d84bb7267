package dev.anneal.training;

import dev.anneal.json.Json;
import dev.anneal.training.event.EventStream;
import dev.anneal.training.process.StopRequest;
import dev.anneal.training.process.TrainingException;
import dev.anneal.transformer.format.ModelException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** A whole training in this process, with its events. */
record Training(Path directory, List<JsonNode> all) {
    static Training run(Path work) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        EventStream events = new EventStream(new PrintStream(out, false, StandardCharsets.UTF_8));
        new Trainer(work, events, new StopRequest()).train();
        return new Training(work, parsed(out));
    }

    /** The message and the events of a training that ends with an error, which the program prints as its last line. */
    record Failure(String message, List<JsonNode> events) {}

    static Failure fail(Path work) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        EventStream events = new EventStream(new PrintStream(out, false, StandardCharsets.UTF_8));
        try {
            new Trainer(work, events, new StopRequest()).train();
        } catch (TrainingException | ModelException e) {
            return new Failure(e.getMessage(), parsed(out));
        }
        throw new AssertionError("the training succeeded");
    }

    private static List<JsonNode> parsed(ByteArrayOutputStream out) {
        return out.toString(StandardCharsets.UTF_8)
                .lines()
                .map(Json.MAPPER::readTree)
                .toList();
    }

    /** The data of those of a type. */
    List<JsonNode> events(String type) {
        return events(Set.of(type));
    }

    /** The metrics of all validations: those within epochs and at their ends. */
    List<JsonNode> validations() {
        return events(Set.of("validation", "epoch"));
    }

    private List<JsonNode> events(Set<String> types) {
        return all.stream()
                .filter(event -> types.contains(event.path("type").asString()))
                .map(event -> event.path("data"))
                .toList();
    }
}
