package dev.anneal.training;

import dev.anneal.child.ChildJvm;
import dev.anneal.child.TorchSettings;
import dev.anneal.json.Json;
import dev.anneal.local.DataDirectory;
import dev.anneal.local.DataSettings;
import dev.anneal.testing.TestServer;
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
    private static final ChildJvm CHILDREN =
            new ChildJvm(new DataDirectory(new DataSettings(TestServer.newDirectory())), TorchSettings.BUNDLED);

    static TrainerProcess start(Path directory, Map<String, String> environment) throws IOException {
        return start(directory, environment, "512m");
    }

    static TrainerProcess start(Path directory, Map<String, String> environment, String heap) throws IOException {
        return start(directory, environment, CHILDREN.command(Trainer.class.getName(), heap, directory.toString()));
    }

    private static TrainerProcess start(Path directory, Map<String, String> environment, List<String> command)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command);
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
        List<String> command = CHILDREN.command(Trainer.class.getName(), "512m", directory.toString());
        int classPath = command.indexOf("-cp") + 1;
        command.set(classPath, classes + File.pathSeparator + command.get(classPath));
        TrainerProcess trainer = start(directory, Map.of(), command);
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
