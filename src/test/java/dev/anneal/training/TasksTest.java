package dev.anneal.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.anneal.json.Json;
import dev.anneal.transformer.ModelFiles;
import dev.anneal.transformer.Predictor;
import dev.anneal.transformer.TestModels;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.tokenizer.WordSplit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Every task and every method, with the layers of the bundled model, or with two of them if these suffice: each learns what can be learned.
 * TrainerTest runs it as a process.
 */
class TasksTest {
    private static final List<String> DISHES = List.of("soup", "bread", "fish", "cake", "tea", "salad");
    private static final List<String> GOOD = List.of("delicious", "great", "lovely", "perfect", "tasty");
    private static final List<String> BAD = List.of("awful", "terrible", "cold", "bland", "disgusting");
    private static final List<String> CITIES = List.of("Paris", "London", "Berlin", "Madrid", "Rome", "Vienna");
    private static final List<String> NAMES = List.of("Anna", "Peter", "Maria", "Thomas", "Julia", "David");

    @TempDir
    Path directory;

    private Path base = TestModels.shallow();

    @Test
    void severalLabelsAreLearnedEachOnItsOwn() throws Exception {
        base = TestModels.small();
        JsonNode test = train("multi-label-classification", List.of("food", "service"), Map.of(), random -> {
            boolean food = random.nextBoolean();
            boolean service = random.nextBoolean();
            String text = "the food was " + pick(food ? BAD : GOOD, random) + ", the waiter was "
                    + (service ? "rude and slow" : "friendly and quick");
            List<String> labels = new ArrayList<>();
            if (food) {
                labels.add("food");
            }
            if (service) {
                labels.add("service");
            }
            return Map.of("text", text, "labels", labels);
        });
        assertThat(test.path("f1_micro").asDouble()).isGreaterThan(0.9);
        assertThat(ModelFiles.inspect(model()).task()).isEqualTo(Task.MULTI_LABEL);
    }

    @Test
    void numbersAreLearned() throws Exception {
        JsonNode test = train("text-regression", List.of(), Map.of("epochs", 5), random -> {
            int good = random.nextInt(4);
            String text = "I had " + pick(DISHES, random) + ". "
                    + (good + " times " + pick(GOOD, random) + ", " + (3 - good) + " times " + pick(BAD, random));
            return Map.of("text", text, "score", good / 2.0);
        });
        assertThat(test.path("spearman").asDouble()).isGreaterThan(0.7);
        assertThat(test.path("rmse").asDouble()).isLessThan(0.45);
        assertThat(ModelFiles.inspect(model()).task()).isEqualTo(Task.TEXT_REGRESSION);
    }

    @Test
    void theSecondTextOfAPairIsSeen() throws Exception {
        JsonNode test = train("text-classification", List.of("bad", "good"), Map.of(), random -> {
            boolean good = random.nextBoolean();
            return Map.of(
                    "text", "how was the " + pick(DISHES, random),
                    "text_pair", "it was " + pick(good ? GOOD : BAD, random),
                    "label", good ? "good" : "bad");
        });
        assertThat(test.path("accuracy").asDouble()).isGreaterThan(0.9);
    }

    @Test
    void wordsAreTaggedAndTheEntitiesFoundInNewTexts() throws Exception {
        JsonNode test = train(
                "token-classification",
                List.of("O", "B-LOC", "B-PER", "I-PER"),
                Map.of("class_weights", Map.of("O", 0.5, "I-PER", 2.0)),
                random -> Map.of(
                        "tokens",
                        List.of(
                                pick(NAMES, random),
                                "Smith",
                                "ate",
                                pick(DISHES, random),
                                "in",
                                pick(CITIES, random),
                                "."),
                        "tags",
                        List.of("B-PER", "I-PER", "O", "O", "O", "B-LOC", "O")));
        assertThat(test.path("f1").asDouble()).isGreaterThan(0.9);
        try (Predictor predictor = Predictor.load(model(), "cpu")) {
            var words = predictor
                    .encodeWords(WordSplit.DEFAULT
                            .split("Maria Smith had tea in Rome.")
                            .words())
                    .get(0);
            float[] scores = predictor.scores(List.of(words.text())).get(0);
            int rome = words.firstTokens()[5];
            assertThat(scores[4 * rome + 1]).isGreaterThan(0.5f);
        }
    }

    @Test
    void aHeadAloneLearnsFromFeaturesThatAreComputedOnce() throws Exception {
        base = TestModels.small();
        JsonNode test = train(
                "text-classification",
                List.of("bad", "good"),
                Map.of("learning_rate", 5e-3, "epochs", 10),
                Map.of("type", "head"),
                TasksTest::opinion);
        assertThat(test.path("accuracy").asDouble()).isGreaterThan(0.8);
        assertThat(changed("bert.encoder.layer.5.output.dense.weight")).isFalse();
    }

    @Test
    void frozenLayersStayAndTheOthersLearn() throws Exception {
        base = TestModels.small();
        JsonNode test = train(
                "text-classification",
                List.of("bad", "good"),
                Map.of("label_smoothing", 0.1, "lr_scheduler_type", "cosine"),
                Map.of("type", "frozen", "frozen_layers", 3, "freeze_embeddings", true),
                TasksTest::opinion);
        assertThat(test.path("accuracy").asDouble()).isGreaterThan(0.9);
        assertThat(changed("bert.encoder.layer.2.output.dense.weight")).isFalse();
        assertThat(changed("bert.encoder.layer.3.output.dense.weight")).isTrue();
    }

    @Test
    void lowRankCorrectionsAreMergedAndWrittenForPeft() throws Exception {
        JsonNode test = train(
                "text-classification",
                List.of("bad", "good"),
                Map.of("learning_rate", 2e-3, "epochs", 5),
                Map.of(
                        "type",
                        "lora",
                        "r",
                        8,
                        "alpha",
                        16,
                        "dropout",
                        0.05,
                        "target_modules",
                        List.of("query", "value")),
                TasksTest::opinion);
        assertThat(test.path("accuracy").asDouble()).isGreaterThan(0.9);
        assertThat(changed("bert.encoder.layer.0.attention.self.query.weight")).isTrue();
        assertThat(changed("bert.encoder.layer.0.attention.self.key.weight")).isFalse();
        assertThat(Files.readString(model().resolve("adapter/adapter_config.json")))
                .contains("\"LORA\"");
        assertThat(dev.anneal.transformer.weights.Safetensors.read(
                        model().resolve("adapter/adapter_model.safetensors")))
                .containsKey("base_model.model.bert.encoder.layer.0.attention.self.query.lora_A.weight");
    }

    @Test
    void continuedPretrainingLowersTheLossOfHiddenTokens() throws Exception {
        JsonNode test = train(
                "masked-lm",
                List.of(),
                Map.of("learning_rate", 5e-4, "epochs", 4),
                random -> Map.of(
                        "text",
                        pick(NAMES, random) + " ate the " + pick(DISHES, random) + " in " + pick(CITIES, random)
                                + " and it was " + pick(GOOD, random)));
        assertThat(epochs.get(3).path("validation_loss").asDouble())
                .isLessThan(0.8 * epochs.get(0).path("validation_loss").asDouble());
        assertThat(test.path("perplexity").asDouble())
                .isCloseTo(Math.exp(test.path("loss").asDouble()), withinPercentage(0.001));
        assertThat(ModelFiles.inspect(model()).task()).isEqualTo(Task.MASKED_LM);
    }

    private final List<JsonNode> epochs = new ArrayList<>();

    private static Map<String, Object> opinion(Random random) {
        boolean good = random.nextBoolean();
        return Map.of(
                "text",
                "the " + pick(DISHES, random) + " was " + pick(good ? GOOD : BAD, random),
                "label",
                good ? "good" : "bad");
    }

    private JsonNode train(
            String task,
            List<String> labels,
            Map<String, Object> hyperparameters,
            Function<Random, Map<String, Object>> row)
            throws Exception {
        return train(task, labels, hyperparameters, Map.of("type", "full"), row);
    }

    /** The test metrics. */
    private JsonNode train(
            String task,
            List<String> labels,
            Map<String, Object> hyperparameters,
            Map<String, Object> method,
            Function<Random, Map<String, Object>> row)
            throws Exception {
        Path work = write("work", task, labels, hyperparameters, method, row);
        Training trainer = Training.run(work);
        epochs.addAll(trainer.events("epoch"));
        return trainer.events("done").get(0).path("test_metrics");
    }

    private Path write(
            String name,
            String task,
            List<String> labels,
            Map<String, Object> hyperparameters,
            Map<String, Object> method,
            Function<Random, Map<String, Object>> row)
            throws IOException {
        Path work = WorkDirectory.create(directory.resolve(name), base, with(hyperparameters), 120);
        WorkDirectory.set(work, "spec.json", Map.of("task", task, "labels", labels, "method", method));
        Random random = new Random(3);
        for (String split : List.of("train", "validation", "test")) {
            List<String> rows = new ArrayList<>();
            for (int i = 0; i < (split.equals("train") ? 120 : 40); i++) {
                rows.add(Json.write(row.apply(random)));
            }
            Files.write(work.resolve(split + ".jsonl"), rows);
        }
        return work;
    }

    private static Map<String, Object> with(Map<String, Object> hyperparameters) {
        Map<String, Object> all = new LinkedHashMap<>(Map.of("epochs", 4, "learning_rate", 5e-4));
        all.putAll(hyperparameters);
        return all;
    }

    private Path model() {
        return directory.resolve("work/model");
    }

    private boolean changed(String tensor) throws IOException {
        String name = tensor.replaceFirst("^bert\\.", "");
        return !dev.anneal.transformer.weights.Safetensors.read(model().resolve("model.safetensors"))
                .get(tensor)
                .bytes()
                .get()
                .equals(dev.anneal.transformer.weights.Safetensors.read(base.resolve("model.safetensors"))
                        .get(name)
                        .bytes()
                        .get());
    }

    private static String pick(List<String> words, Random random) {
        return words.get(random.nextInt(words.size()));
    }
}
