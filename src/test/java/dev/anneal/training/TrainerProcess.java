package dev.anneal.training;

import dev.anneal.json.Json;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/** A trainer in a child process, as the worker runs it, with its output in files of the work directory. */
record TrainerProcess(Process process, Path directory) {
    static TrainerProcess start(Path directory, Map<String, String> environment) throws IOException {
        return start(directory, environment, "512m");
    }

    static TrainerProcess start(Path directory, Map<String, String> environment, String heap) throws IOException {
        return start(directory, environment, heap, System.getProperty("java.class.path"));
    }

    private static TrainerProcess start(Path directory, Map<String, String> environment, String heap, String classPath)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heap,
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classPath,
                Trainer.class.getName(),
                directory.toString());
        builder.environment().putAll(environment);
        builder.redirectOutput(directory.resolve("out").toFile());
        builder.redirectError(directory.resolve("err").toFile());
        return new TrainerProcess(builder.start(), directory);
    }

    static TrainerProcess run(Path directory) throws IOException, InterruptedException {
        TrainerProcess trainer = start(directory, Map.of());
        trainer.process().waitFor();
        return trainer;
    }

    /** Runs a trainer with the classes of another directory before all others. */
    static TrainerProcess run(Path directory, Path classes) throws IOException, InterruptedException {
        String classPath = classes + File.pathSeparator + System.getProperty("java.class.path");
        TrainerProcess trainer = start(directory, Map.of(), "512m", classPath);
        trainer.process().waitFor();
        return trainer;
    }

    void awaitFirstStep() throws IOException, InterruptedException {
        await("\"type\":\"step\"");
    }

    /** Until its output has this. */
    void await(String text) throws IOException, InterruptedException {
        while (!Files.readString(directory.resolve("out")).contains(text)) {
            if (process.waitFor(20, TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException("the trainer ended: " + lastError());
            }
        }
    }

    int exitCode() {
        return process.exitValue();
    }

    List<JsonNode> events() throws IOException {
        return Files.readAllLines(directory.resolve("out")).stream()
                .map(Json.MAPPER::readTree)
                .toList();
    }

    List<JsonNode> events(String type) throws IOException {
        return events().stream()
                .filter(event -> event.path("type").asString().equals(type))
                .map(event -> event.path("data"))
                .toList();
    }

    String lastError() throws IOException {
        List<String> lines = Files.readAllLines(directory.resolve("err"));
        return lines.isEmpty() ? "" : lines.get(lines.size() - 1);
    }
}
