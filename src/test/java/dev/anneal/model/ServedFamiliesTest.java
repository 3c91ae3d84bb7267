package dev.anneal.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.anneal.evaluation.entity.Entities;
import dev.anneal.json.Json;
import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ReadyModels;
import dev.anneal.testing.ServerTest;
import dev.anneal.testing.TestServer;
import dev.anneal.transformer.Golden;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.check.ModelCheck;
import dev.anneal.transformer.tokenizer.TextWords;
import dev.anneal.transformer.tokenizer.Tokenizer;
import dev.anneal.transformer.tokenizer.WordSplit;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/**
 * Each golden through the API: what is served of the import is what transformers computed. So is, for one family of each task, what is
 * served of a model that a job made of it, and of that model downloaded and imported again. The job has one step at a rate at which
 * no weight moves by more than 1e-7. FamilyTrainingTest trains the other families so.
 */
@ServerTest
class ServedFamiliesTest {
    private static final Map<Task, String> ROWS =
            Map.of(Task.TEXT_CLASSIFICATION, """
            {"text":"a dull film","label":"bad","split":"train"}
            {"text":"a short film","label":"fair","split":"train"}
            {"text":"a warm film","label":"good","split":"train"}
            {"text":"a clever film","label":"fair","split":"validation"}
            {"text":"an endless film","label":"bad","split":"test"}
            {"text":"the best film","label":"good","split":"test"}
            """, Task.TOKEN_CLASSIFICATION, """
            {"tokens":["Jack","Miller","visited","New","York"],"tags":["B-PER","I-PER","O","B-LOC","I-LOC"],"split":"train"}
            {"tokens":["Zoe","visited","Kyoto"],"tags":["B-PER","O","B-LOC"],"split":"validation"}
            {"tokens":["Zoe","visited","Vienna"],"tags":["B-PER","O","B-LOC"],"split":"test"}
            """, Task.MASKED_LM, """
            {"text":"The river runs past the old mill.","split":"train"}
            {"text":"A slow cold rain fell on the town.","split":"validation"}
            {"text":"The boats came home.","split":"test"}
            """);

    /** One family for each task. The files of the others are checked in this process. */
    private static final Set<String> UPLOADED = Set.of("bert", "bert-classifier", "bert-tagger", "gpt2");

    @Autowired
    Api api;

    @Autowired
    ReadyModels models;

    static List<String> names() {
        return Golden.names();
    }

    @ParameterizedTest
    @MethodSource("names")
    void theImportTheTrainedModelAndItsExportServeTheGolden(String name) throws IOException {
        Golden golden = Golden.of(name);
        Task task = golden.config().task();
        Path files = TestServer.newDirectory();
        for (var file : golden.files().entrySet()) {
            Files.copy(file.getValue(), files.resolve(file.getKey()));
        }
        String base = UPLOADED.contains(name) ? upload(Zips.of(files, "").bytes()) : add(name, files);
        assertServes(base, golden, task, golden.scores());

        if (!UPLOADED.contains(name)) {
            Answer estimate = api.post("/api/v1/jobs/estimate", job(base, task));
            assertThat(estimate.status()).as("a job on it: %s", estimate.json()).isEqualTo(200);
            return;
        }
        String trained = train(base, task);
        List<float[]> computed = golden.computedBy(unzip(download(trained)));
        Golden.assertClose(computed, golden.scores());
        assertServes(trained, golden, task, computed);
        assertServes(upload(download(trained)), golden, task, computed);
    }

    /** Adds a model whose files are checked as those of an upload are, but in this process. */
    private String add(String name, Path files) {
        ModelCheck.check(files, step -> {});
        return models.add("family/" + name, "default", files).getId();
    }

    private String upload(byte[] zip) {
        String name = "family/" + Math.abs(System.nanoTime());
        Answer created = api.uploadTo("/api/v1/models", "model.zip", zip, Map.of("name", name));
        assertThat(created.status()).as("%s", created.json()).isEqualTo(201);
        return created.text("id");
    }

    private byte[] download(String model) {
        Answer download = api.get("/api/v1/models/" + model + "/download");
        assertThat(download.status()).isEqualTo(200);
        return download.bytes();
    }

    private static Path unzip(byte[] bytes) throws IOException {
        Path directory = TestServer.newDirectory();
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(bytes))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                Files.write(directory.resolve(entry.getName()), zip.readAllBytes());
            }
        }
        return directory;
    }

    /** Returns the request of a job with one step. */
    private String job(String base, Task task) {
        String rows = ROWS.get(task == Task.CAUSAL_LM ? Task.MASKED_LM : task);
        Answer dataset = api.upload("rows.jsonl", rows.getBytes(), Map.of("task", task.text()));
        assertThat(dataset.status()).as("%s", dataset.json()).isEqualTo(201);
        return """
                {"base_model":"%s","dataset":"%s","method":{"type":"full"},"hyperparameters":
                 {"epochs":1,"batch_size":8,"learning_rate":1e-8,"weight_decay":0,"precision":"fp32","max_length":64}}""".formatted(base, dataset.text("id"));
    }

    private String train(String base, Task task) {
        Answer job = api.post("/api/v1/jobs", job(base, task));
        assertThat(job.status()).as("%s", job.json()).isEqualTo(201);
        JsonNode ended = api.await(job.text("id"));
        assertThat(ended.get("status").asString()).as("%s", ended.get("error")).isEqualTo("succeeded");
        assertThat(ended.get("progress").get("steps").asInt()).isEqualTo(1);
        return ended.get("model").asString();
    }

    private void assertServes(String model, Golden golden, Task task, List<float[]> scores) throws IOException {
        switch (task) {
            case TEXT_CLASSIFICATION -> assertPredicts(model, golden.texts(), scores);
            case TOKEN_CLASSIFICATION -> assertTags(model, golden, scores);
            case CAUSAL_LM -> assertGoesOn(model, golden);
            // No operation shows what a masked language model computes: its files must.
            default -> Golden.assertClose(golden.computedBy(unzip(download(model))), scores);
        }
    }

    private void assertPredicts(String model, List<JsonNode> texts, List<float[]> probabilities) {
        List<Object> inputs = texts.stream()
                .map(text -> text.isArray() ? Map.of("text", text.get(0), "text_pair", text.get(1)) : (Object) text)
                .toList();
        JsonNode predictions = post(model, "predict", Map.of("inputs", inputs)).get("predictions");
        List<String> labels = labels(model);
        for (int i = 0; i < texts.size(); i++) {
            for (int label = 0; label < labels.size(); label++) {
                assertThat(predictions
                                .get(i)
                                .get("scores")
                                .get(labels.get(label))
                                .floatValue())
                        .as("text %d, %s", i, labels.get(label))
                        .isCloseTo(probabilities.get(i)[label], within(1e-4f));
            }
        }
    }

    /** The texts that are no pairs; a word has the tag that is likeliest at its first token. */
    private void assertTags(String model, Golden golden, List<float[]> probabilities) throws IOException {
        List<JsonNode> texts =
                golden.texts().stream().filter(JsonNode::isString).toList();
        JsonNode predictions = post(model, "predict", Map.of("inputs", texts)).get("predictions");
        List<String> labels = labels(model);
        Path directory = unzip(download(model));
        WordSplit split = WordSplit.read(directory);
        try (Tokenizer tokenizer = Tokenizer.load(directory, 64)) {
            for (int i = 0; i < texts.size(); i++) {
                TextWords words = split.split(texts.get(i).asString());
                List<String> tags = new ArrayList<>();
                List<Float> sure = new ArrayList<>();
                for (int token : tokenizer.encodeWords(words.words()).get(0).firstTokens()) {
                    float[] all = probabilities.get(i);
                    int best = IntStream.range(token * labels.size(), (token + 1) * labels.size())
                            .reduce((a, b) -> all[b] > all[a] ? b : a)
                            .orElseThrow();
                    tags.add(labels.get(best % labels.size()));
                    sure.add(all[best]);
                }
                List<Entities.Entity> expected = Entities.of(tags);
                JsonNode found = predictions.get(i).get("entities");
                assertThat(found.size()).isEqualTo(expected.size());
                for (int k = 0; k < expected.size(); k++) {
                    Entities.Entity entity = expected.get(k);
                    assertThat(found.get(k).get("label").asString()).isEqualTo(entity.type());
                    assertThat(found.get(k).get("start").asInt()).isEqualTo(words.starts()[entity.from()]);
                    assertThat(found.get(k).get("end").asInt()).isEqualTo(words.end(entity.to() - 1));
                    assertThat(found.get(k).get("score").asDouble())
                            .isCloseTo(
                                    sure.subList(entity.from(), entity.to()).stream()
                                            .mapToDouble(score -> score)
                                            .average()
                                            .orElseThrow(),
                                    within(1e-4));
                }
            }
        }
    }

    private void assertGoesOn(String model, Golden golden) throws IOException {
        JsonNode answer = post(
                model,
                "generate",
                Map.of(
                        "prompt",
                        golden.texts().get(0),
                        "max_new_tokens",
                        golden.continuation().length,
                        "temperature",
                        0));
        try (Tokenizer tokenizer = Tokenizer.load(unzip(download(model)), 64)) {
            int[] prompt = golden.inputs().get(0).ids();
            int[] all = IntStream.concat(IntStream.of(prompt), IntStream.of(golden.continuation()))
                    .toArray();
            assertThat(answer.get("usage").get("completion_tokens").asInt()).isEqualTo(golden.continuation().length);
            assertThat(tokenizer.decode(prompt) + answer.get("text").asString()).isEqualTo(tokenizer.decode(all));
        }
    }

    private List<String> labels(String model) {
        return api.get("/api/v1/models/" + model)
                .json()
                .get("labels")
                .valueStream()
                .map(JsonNode::asString)
                .toList();
    }

    private JsonNode post(String model, String operation, Map<String, ?> body) {
        Answer answer = api.post("/api/v1/models/" + model + "/" + operation, Json.write(body));
        assertThat(answer.status()).as("%s", answer.json()).isEqualTo(200);
        return answer.json();
    }
}
