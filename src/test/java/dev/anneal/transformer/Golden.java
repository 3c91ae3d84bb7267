package dev.anneal.transformer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import dev.anneal.testing.ManyValues;
import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.tokenizer.Encoded;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** A tiny checkpoint and what transformers computes with it; bench/reference/README.md says what is in its golden.json. */
public final class Golden {
    private static final Path MODELS = Path.of("src", "test", "resources", "models");

    private final Path directory;
    private final JsonNode json;

    private Golden(Path directory) {
        this.directory = directory;
        try {
            this.json = Json.MAPPER.readTree(Files.readString(directory.resolve("golden.json")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static Golden of(String name) {
        return new Golden(MODELS.resolve(name));
    }

    /** The names of all there are. */
    public static List<String> names() {
        try (Stream<Path> directories = Files.list(MODELS)) {
            return directories
                    .map(directory -> directory.getFileName().toString())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Path directory() {
        return directory;
    }

    public ModelConfig config() {
        return ModelConfig.read(directory);
    }

    JsonNode json() {
        return json;
    }

    /** The one of the model's type, which has the texts and the tokenizer. */
    private Golden family() {
        return of(config().modelType());
    }

    /** The files by their names, with a tokenizer. */
    public Map<String, Path> files() {
        Map<String, Path> files = new LinkedHashMap<>();
        for (Path from : List.of(family().directory, directory)) {
            try (Stream<Path> there = Files.list(from)) {
                there.filter(file -> from.equals(directory) || isOfTokenizer(file))
                        .forEach(file -> files.put(file.getFileName().toString(), file));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return files;
    }

    private static boolean isOfTokenizer(Path file) {
        return file.getFileName().toString().matches("(tokenizer|special_tokens|chat_template).*");
    }

    /** Texts, and pairs of texts as lists of two. */
    public List<JsonNode> texts() {
        return family().json.path("texts").valueStream().toList();
    }

    /** The texts as tokens. */
    public List<Encoded> inputs() {
        return inputs(json.has("inputs") ? json.path("inputs") : json);
    }

    /** Either a list of {ids, types}, or an object of lists. */
    static List<Encoded> inputs(JsonNode inputs) {
        int count = inputs.isArray() ? inputs.size() : inputs.path("ids").size();
        return IntStream.range(0, count)
                .mapToObj(i -> inputs.isArray()
                        ? encoded(inputs.get(i).path("ids"), inputs.get(i).path("types"))
                        : encoded(
                                inputs.path("ids").get(i), inputs.path("types").path(i)))
                .toList();
    }

    private static Encoded encoded(JsonNode ids, JsonNode types) {
        byte[] kinds = types.isArray() ? new byte[types.size()] : null;
        for (int i = 0; i < types.size(); i++) {
            kinds[i] = (byte) types.get(i).asInt();
        }
        return new Encoded(ints(ids), kinds);
    }

    /** The results that a model is to compute for each text: logits of a language model, of others the probabilities of the labels. */
    public List<float[]> scores() {
        int labels = config().task().hasLabels() ? config().labels().size() : 0;
        return json.path("logits")
                .valueStream()
                .map(Golden::floats)
                .map(logits -> labels == 0 ? logits : softmax(logits, labels))
                .toList();
    }

    /** The same as it is computed here, by the model in a directory. */
    public List<float[]> computedBy(Path model) {
        try (Predictor predictor = Predictor.loadAny(model, "cpu", 1)) {
            return inputs().stream()
                    .map(text -> predictor.scores(List.of(text)).get(0))
                    .toList();
        }
    }

    /** The likeliest tokens after the first text. */
    public int[] continuation() {
        return ints(json.path("greedy_ids"));
    }

    public static void assertClose(List<float[]> found, List<float[]> expected) {
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
            ManyValues.assertClose(found.get(i), expected.get(i), 1e-4f, "text " + i);
        }
    }

    /** Row by row, each of so many numbers. */
    private static float[] softmax(float[] logits, int row) {
        float[] probabilities = new float[logits.length];
        for (int from = 0; from < logits.length; from += row) {
            double sum = 0;
            for (int i = from; i < from + row; i++) {
                sum += Math.exp(logits[i]);
            }
            for (int i = from; i < from + row; i++) {
                probabilities[i] = (float) (Math.exp(logits[i]) / sum);
            }
        }
        return probabilities;
    }

    static float[] floats(JsonNode numbers) {
        float[] floats = new float[numbers.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = numbers.get(i).floatValue();
        }
        return floats;
    }

    private static int[] ints(JsonNode numbers) {
        return numbers.valueStream().mapToInt(JsonNode::asInt).toArray();
    }
}
