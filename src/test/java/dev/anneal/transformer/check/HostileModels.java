package dev.anneal.transformer.check;

import dev.anneal.json.Json;
import dev.anneal.transformer.jinja.HostileTemplates;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Models with a broken file: the known ones, of which we know the answer, and mutations, to which any answer is right. */
public final class HostileModels {
    private static final Path MODELS = Path.of("src/test/resources/models");

    /** Changes the files of a model. */
    public interface Change {
        void apply(Path directory) throws IOException;
    }

    /**
     * A change of one of the small models. The answer must contain the texts; if there are none, any answer is right, also that
     * the model is valid. {@code kills} if the change ends a process that reads the model.
     */
    public record Case(String kind, String name, String base, Change change, boolean kills, String... expected) {
        /** Writes the broken model into a new directory. */
        public Path write(Path parent) throws IOException {
            Path directory = Files.createTempDirectory(parent, "model");
            try (Stream<Path> files = Files.list(MODELS.resolve(base))) {
                for (Path file : files.toList()) {
                    if (!file.endsWith("golden.json")) {
                        Files.copy(file, directory.resolve(file.getFileName()));
                    }
                }
            }
            change.apply(directory);
            return directory;
        }

        @Override
        public String toString() {
            return kind + ": " + name;
        }
    }

    private HostileModels() {}

    static Change json(String file, Consumer<ObjectNode> change) {
        return directory -> {
            Path path = directory.resolve(file);
            ObjectNode fields = Files.exists(path)
                    ? (ObjectNode) Json.MAPPER.readTree(Files.readString(path))
                    : Json.MAPPER.createObjectNode();
            change.accept(fields);
            write(path, Json.write(fields));
        };
    }

    static Case file(String kind, String base, String file, String name, String text, String... expected) {
        return new Case(kind, name, base, directory -> write(directory.resolve(file), text), false, expected);
    }

    /** A mutation may have split a pair of surrogates, which no file in UTF-8 has. */
    static void write(Path file, String text) throws IOException {
        Files.write(file, text.getBytes(StandardCharsets.UTF_8));
    }

    static JsonNode tree(String json) {
        return Json.MAPPER.readTree(json);
    }

    /** Returns broken configurations. */
    public static Stream<Case> configs() {
        return HostileConfigs.all();
    }

    /** Returns broken tokenizers that our own code or that of the library refuses. */
    public static Stream<Case> tokenizers() {
        return HostileTokenizers.all();
    }

    /** Returns tokenizers that end the process that loads or uses them. */
    public static Stream<Case> killers() {
        return HostileTokenizers.killers();
    }

    /** Returns weights with wrong headers and numbers. */
    public static Stream<Case> weights() {
        return HostileWeights.all();
    }

    /** Returns mutations of the JSON files, templates and headers of the small models, without end. */
    public static Stream<Case> mutations(long seed) {
        return HostileMutations.all(seed);
    }

    /** Returns templates that fail or need too much; {@code every} leaves out all but each so many. */
    public static Stream<Case> templates(int every) {
        List<Case> cases = new ArrayList<>();
        List<String> greedy = HostileTemplates.greedy().toList();
        IntStream.range(0, greedy.size())
                .filter(i -> i % every == 0)
                .forEach(
                        i -> cases.add(file("template", "llama", "chat_template.jinja", "greedy " + i, greedy.get(i))));
        cases.add(file(
                "template",
                "llama",
                "chat_template.jinja",
                "fault",
                "\n{{ 1 + 'a' }}",
                "chat_template.jinja",
                "line 2"));
        cases.add(file(
                "template", "llama", "chat_template.jinja", "syntax", "{% if %}", "chat_template.jinja", "line 1"));
        cases.add(
                file("template", "llama", "chat_template.jinja", "large", "x".repeat(5 << 20), "chat_template.jinja"));
        return cases.stream();
    }

    /** Returns the case's model in a new directory; for streams. */
    static Path write(Case hostile, Path parent) {
        try {
            return hostile.write(parent);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
