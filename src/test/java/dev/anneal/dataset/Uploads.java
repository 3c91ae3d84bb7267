package dev.anneal.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.Client.FilePart;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/** Uploads files, and reads the resulting rows and errors. */
record Uploads(Api api) {
    Answer send(String name, String file, String... fields) {
        return send(name, file.getBytes(StandardCharsets.UTF_8), fields);
    }

    private static Map<String, String> form(String... fields) {
        Map<String, String> form = new LinkedHashMap<>();
        for (int i = 0; i < fields.length; i += 2) {
            form.put(fields[i], fields[i + 1]);
        }
        return form;
    }

    Answer send(String name, byte[] file, String... fields) {
        return send(List.of(new FilePart("file", name, file)), fields);
    }

    Answer send(List<FilePart> files, String... fields) {
        return api.uploadTo("/api/v1/datasets", files, form(fields));
    }

    JsonNode good(String name, String file, String... fields) {
        return good(send(name, file, fields));
    }

    JsonNode good(String name, byte[] file, String... fields) {
        return good(send(name, file, fields));
    }

    static JsonNode good(Answer created) {
        assertThat(created.status()).as("%s", created.json()).isEqualTo(201);
        return created.json();
    }

    /** Returns "line code" for each warning about a dataset. */
    List<String> warnings(JsonNode dataset) {
        return api.get(path(dataset) + "/problems?limit=100&severity=warning")
                .json()
                .get("data")
                .valueStream()
                .map(problem ->
                        problem.get("line").asInt() + " " + problem.get("code").asString())
                .toList();
    }

    /** Returns the messages of the problems of a dataset that have a code. */
    List<String> messages(JsonNode dataset, String code) {
        return api.get(path(dataset) + "/problems?limit=100&code=" + code)
                .json()
                .get("data")
                .valueStream()
                .map(problem -> problem.get("message").asString())
                .toList();
    }

    /** Returns the labels of a dataset with their counts, such as {a=2, b=2}. */
    static Map<String, Integer> labels(JsonNode dataset) {
        Map<String, Integer> labels = new TreeMap<>();
        dataset.get("labels")
                .forEach(label -> labels.put(
                        label.get("name").asString(), label.get("count").asInt()));
        return labels;
    }

    /** Returns the rows of a dataset as JSON, without their numbers and splits. */
    List<String> rows(JsonNode dataset) {
        return api.get(path(dataset) + "/rows?limit=1000")
                .json()
                .get("data")
                .valueStream()
                .map(row -> ((tools.jackson.databind.node.ObjectNode) row)
                        .without(List.of("number", "split"))
                        .toString())
                .toList();
    }

    String splits(JsonNode dataset) {
        return String.join(
                " ",
                api.get(path(dataset) + "/rows?limit=1000")
                        .json()
                        .get("data")
                        .valueStream()
                        .map(row -> row.get("split").asString())
                        .toList());
    }

    JsonNode statistics(JsonNode dataset) {
        return api.get(path(dataset) + "/statistics").json();
    }

    private static String path(JsonNode dataset) {
        return "/api/v1/datasets/" + dataset.get("id").asString();
    }

    /** Returns "line code" for each row that was refused. */
    static List<String> errors(Answer refused) {
        assertThat(refused.status()).as("%s", refused.json()).isEqualTo(422);
        return refused.json()
                .path("errors")
                .valueStream()
                .map(e -> e.path("line").asInt() + " " + e.get("code").asString())
                .toList();
    }

    /** Returns the bytes of a real file. */
    static byte[] sharedBytes(String file) throws IOException {
        return bytes(Path.of("../shared/data").resolve(file));
    }

    private static byte[] bytes(Path path) throws IOException {
        assumeTrue(Files.exists(path), () -> "Skipped: " + path + " is not here. Put it there to run this test.");
        return Files.readAllBytes(path);
    }

    /** Returns a real file that is not part of the project. Skips the test if it is absent. */
    static String shared(String file) throws IOException {
        Path path = Path.of("../shared/data").resolve(file);
        assumeTrue(
                Files.exists(path),
                () -> "Skipped: the data set " + path
                        + " is not here. It is not part of the project; put it there to run this test.");
        return Files.readString(path);
    }
}
