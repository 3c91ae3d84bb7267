package dev.anneal.hosting;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import dev.anneal.model.Zips;
import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ServerTest;
import dev.anneal.testing.TestServer;
import dev.anneal.transformer.TestModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;
import org.springframework.util.FileSystemUtils;
import tools.jackson.databind.node.ObjectNode;

/** Models whose labels, tokens or normalizers make much of a little text. */
@ServerTest
@Timeout(180)
@TestPropertySource(properties = {"anneal.roles=api,inference", "anneal.inference.max-memory=600MB"})
class LargeAnswersTest {
    @Autowired
    Api api;

    @Test
    void anAnswerOfTooManyScoresIsRefusedUnlessFewAreAskedFor() throws IOException {
        String[] labels = IntStream.range(0, 300).mapToObj(i -> "label " + i).toArray(String[]::new);
        String path =
                upload("many-labels", TestModels.tiny(TestServer.newDirectory().resolve("m"), labels)) + "/predict";
        String inputs = "{\"inputs\":" + Json.write(Collections.nCopies(1000, "a"));

        Answer refused = api.post(path, inputs + "}");
        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.code()).isEqualTo("too_many_scores");
        assertThat(refused.detail()).contains("200,000 scores").contains("top_k");

        Answer few = api.post(path, inputs + ",\"top_k\":5}");
        assertThat(few.status()).isEqualTo(200);
        assertThat(few.json().path("predictions")).hasSize(1000);
    }

    @Test
    void anAnswerWithEntitiesOfVeryLongLabelsIsRefused() throws IOException {
        Path directory = copy("bert-tagger");
        for (String file : List.of("tokenizer.json", "tokenizer_config.json")) {
            Files.copy(Path.of("src/test/resources/models/bert", file), directory.resolve(file));
        }
        json(directory.resolve("config.json"), config -> {
            ObjectNode labels = config.putObject("id2label");
            IntStream.range(0, 5).forEach(i -> labels.put(String.valueOf(i), "B-" + "漢".repeat(197) + i));
            config.remove("label2id");
        });
        String path = upload("long-labels", directory) + "/predict";
        String words = "{\"tokens\":" + Json.write(Collections.nCopies(100, "a")) + "}";

        Answer few = api.post(path, "{\"inputs\":[" + words + "]}");
        Answer refused = api.post(path, "{\"inputs\":[" + String.join(",", Collections.nCopies(450, words)) + "]}");

        assertThat(few.status()).as("%s", few.json()).isEqualTo(200);
        assertThat(few.json().path("predictions").get(0).path("entities")).hasSize(100);
        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.code()).isEqualTo("too_many_scores");
        assertThat(refused.detail()).contains("labels of more than 8,388,608 characters");
    }

    @Test
    void aTextOfVeryLongTokensEnds() throws IOException {
        Path directory = copy("llama");
        json(directory.resolve("tokenizer.json"), tokenizer -> {
            ObjectNode model = (ObjectNode) tokenizer.path("model");
            ObjectNode vocabulary = (ObjectNode) model.path("vocab");
            for (String token : List.copyOf(vocabulary.propertyNames())) {
                int id = vocabulary.path(token).asInt();
                if (token.length() > 1 && !token.startsWith("<|")) {
                    vocabulary.remove(token);
                    vocabulary.put("x".repeat(40_000) + id, id);
                }
            }
            model.putArray("merges");
        });
        json(directory.resolve("config.json"), config -> config.put("max_position_embeddings", 1000));
        String path = upload("long-tokens", directory) + "/generate";

        List<Answer> answers = IntStream.range(0, 8)
                .mapToObj(seed -> api.post(path, "{\"prompt\":\"a\",\"max_new_tokens\":300,\"seed\":" + seed + "}"))
                .toList();

        assertThat(answers).allMatch(answer -> answer.status() == 422 || answer.bytes().length < 300_000);
        assertThat(answers)
                .filteredOn(answer -> answer.status() == 422)
                .isNotEmpty()
                .allSatisfy(answer -> {
                    assertThat(answer.code()).isEqualTo("model_failed");
                    assertThat(answer.detail()).contains("very long tokens");
                });
    }

    @Test
    void aProcessThatNeedsTooMuchMemoryForATextIsEnded() throws IOException {
        Path directory = TestModels.tiny(TestServer.newDirectory().resolve("m"), "a", "b");
        json(directory.resolve("tokenizer.json"), tokenizer -> {
            ObjectNode enlarge =
                    Json.MAPPER.createObjectNode().put("type", "Replace").put("content", "x ".repeat(50_000));
            enlarge.putObject("pattern").put("String", "qz");
            ObjectNode both = Json.MAPPER.createObjectNode().put("type", "Sequence");
            both.putArray("normalizers").add(enlarge).add(tokenizer.path("normalizer"));
            tokenizer.set("normalizer", both);
        });
        String path = upload("enlarges", directory) + "/predict";
        assertThat(api.post(path, "{\"inputs\":[\"a\"]}").status()).isEqualTo(200);

        Answer ended = api.inAnOutage().post(path, "{\"inputs\":[\"" + "qz ".repeat(900) + "\"]}");

        assertThat(ended.status()).isEqualTo(503);
        assertThat(ended.code()).isEqualTo("model_crashed");
        assertThat(ended.detail()).contains("MiB of memory (anneal.inference.max-memory)");
        assertThat(api.post(path, "{\"inputs\":[\"a\"]}").status()).isEqualTo(200);
    }

    private String upload(String name, Path directory) throws IOException {
        Answer created = api.uploadTo(
                "/api/v1/models/upload", "m.zip", Zips.of(directory, "").bytes(), Map.of("name", name));
        assertThat(created.status()).as("%s", created.json()).isEqualTo(201);
        return "/api/v1/models/" + created.text("id");
    }

    private static Path copy(String model) throws IOException {
        Path copy = TestServer.newDirectory();
        FileSystemUtils.copyRecursively(Path.of("src/test/resources/models", model), copy);
        Files.delete(copy.resolve("golden.json"));
        return copy;
    }

    private static void json(Path file, Consumer<ObjectNode> change) throws IOException {
        ObjectNode fields = (ObjectNode) Json.MAPPER.readTree(Files.readString(file));
        change.accept(fields);
        Files.writeString(file, Json.write(fields));
    }
}
