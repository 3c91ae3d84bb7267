package dev.anneal.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.anneal.json.Json;
import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ReadyModels;
import dev.anneal.testing.ServerTest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/**
 * Texts that are longer than a model takes: in training, in its report, and when it is served. Served in fp32, a model finds
 * what its report counts.
 */
@ServerTest
class LongTextsTest {
    private static final int MAX_LENGTH = 24;
    private static final List<String> NAMES = List.of("Anna", "Peter", "Maria", "Thomas", "Julia", "David");
    private static final List<String> CITIES = List.of("Paris", "London", "Berlin", "Madrid", "Rome", "Vienna");
    private static final List<String> FILLERS = List.of("the train was late", "it rained all day", "we had tea");

    @Autowired
    Api api;

    @Autowired
    ReadyModels models;

    @Test
    void entitiesAreFoundInLongTextsAsInTheirSentences() {
        Random random = new Random(7);
        List<String> rows = new ArrayList<>();
        List<String> tested = new ArrayList<>();
        for (int i = 0; i < 90; i++) {
            String row = taggedRow(random, i < 60 ? "train" : i < 70 ? "validation" : "test");
            rows.add(row);
            if (i >= 70) {
                tested.add(row);
            }
        }
        JsonNode job = train("tagged.jsonl", rows, "{}");
        String model = job.get("model").asString();

        assertReportCountsAllEntities(job, model, tested);
        assertFindsAsManyIn2000WordsAsInTheirSentences(model, random);

        Answer refused =
                api.post("/api/v1/models/" + model + "/predict", "{\"inputs\": [\"x\"], \"long_texts\": \"truncate\"}");
        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.detail() + refused.json()).contains("never truncates texts");
    }

    /** Computes precision and recall from what the served model finds in the words of the test rows. */
    private void assertReportCountsAllEntities(JsonNode job, String model, List<String> rows) {
        int right = 0;
        int found = 0;
        int gold = 0;
        for (String row : rows) {
            List<String> words = strings(Json.MAPPER.readTree(row).get("tokens"));
            List<String> tags = strings(Json.MAPPER.readTree(row).get("tags"));
            Set<String> expected = new HashSet<>();
            int at = 0;
            for (int word = 0; word < words.size(); word++) {
                if (tags.get(word).startsWith("B-")) {
                    expected.add(tags.get(word).substring(2) + at + "-"
                            + (at + words.get(word).length()));
                }
                at += words.get(word).length() + 1;
            }
            JsonNode prediction = predict(model, Map.of("inputs", List.of(Map.of("tokens", words))));
            assertThat(prediction.get("truncated").asBoolean()).isFalse();
            for (JsonNode entity : prediction.get("entities")) {
                found++;
                String place = entity.get("label").asString() + entity.get("start") + "-" + entity.get("end");
                right += expected.contains(place) ? 1 : 0;
            }
            gold += expected.size();
        }
        JsonNode report =
                api.get("/api/v1/jobs/" + job.get("id").asString() + "/report").json();
        assertThat(report.get("entities")
                        .valueStream()
                        .mapToInt(entity -> entity.get("support").asInt())
                        .sum())
                .isEqualTo(gold);
        assertThat(report.get("recall").asDouble()).isCloseTo((double) right / gold, within(1e-9));
        assertThat(report.get("precision").asDouble()).isCloseTo((double) right / found, within(1e-9));
        assertThat(report.get("f1").asDouble()).isGreaterThan(0.8);
    }

    private void assertFindsAsManyIn2000WordsAsInTheirSentences(String model, Random random) {
        List<String> sentences = new ArrayList<>();
        int words = 0;
        while (words < 2000) {
            String sentence = String.join(
                    " ",
                    strings(Json.MAPPER.readTree(taggedRow(random, "test")).get("tokens"))
                            .subList(0, 16));
            sentences.add(sentence);
            words += 16;
        }
        int inSentences = 0;
        for (int from = 0; from < sentences.size(); from += 100) {
            JsonNode answer =
                    post(model, Map.of("inputs", sentences.subList(from, Math.min(sentences.size(), from + 100))));
            inSentences += answer.get("predictions")
                    .valueStream()
                    .mapToInt(prediction -> prediction.get("entities").size())
                    .sum();
        }
        String text = String.join(" ", sentences);
        JsonNode whole = predict(model, Map.of("inputs", List.of(text)));

        assertThat(inSentences).isGreaterThan(300);
        assertThat((double) whole.get("entities").size() / inSentences).isBetween(0.97, 1.03);
        JsonNode last = whole.get("entities").get(whole.get("entities").size() - 1);
        assertThat(last.get("start").asInt()).isGreaterThan(text.length() - 150);
        assertThat(text.substring(last.get("start").asInt(), last.get("end").asInt()))
                .isEqualTo(last.get("text").asString());
    }

    @Test
    void theEndOfALongTextCountsIfItGoesThroughWindows() {
        Random random = new Random(3);
        List<String> rows = IntStream.range(0, 150)
                .mapToObj(i -> Json.write(Map.of(
                        "text", longText(random, i % 2 == 0),
                        "label", i % 2 == 0 ? "good" : "bad",
                        "split", i < 100 ? "train" : i < 110 ? "validation" : "test")))
                .toList();
        JsonNode job = train("texts.jsonl", rows, "{\"long_texts\": \"windows\"}");
        String model = job.get("model").asString();

        assertThat(job.get("task_options").get("long_texts").asString()).isEqualTo("windows");
        assertThat(job.get("test_metrics").get("accuracy").asDouble()).isGreaterThan(0.9);
        assertThat(job.get("test_metrics").get("examples").asInt()).isEqualTo(40);

        String text = longText(random, true);
        JsonNode served = predict(model, Map.of("inputs", List.of(text)));
        assertThat(served.get("label").asString()).isEqualTo("good");
        assertThat(served.get("truncated").asBoolean()).isFalse();
        assertThat(served.get("tokens_left_out").asInt()).isZero();

        JsonNode cut = predict(model, Map.of("inputs", List.of(text), "long_texts", "truncate"));
        assertThat(cut.get("truncated").asBoolean()).isTrue();
        assertThat(cut.get("tokens_left_out").asInt()).isEqualTo(text.split(" ").length + 2 - MAX_LENGTH);
        JsonNode pair = predict(model, Map.of("inputs", List.of(Map.of("text", text, "text_pair", "tea"))));
        assertThat(pair.get("truncated").asBoolean()).isTrue();
        assertThat(predict(model, Map.of("inputs", List.of("we had tea")))
                        .get("truncated")
                        .asBoolean())
                .isFalse();
    }

    /** Words of one token each; the last ones tell the label. */
    private static String longText(Random random, boolean good) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 12; i++) {
            text.append(pick(FILLERS, random)).append(' ');
        }
        return text.append(good ? "perfect and great" : "terrible and bad").toString();
    }

    private static String taggedRow(Random random, String split) {
        List<String> words = new ArrayList<>();
        List<String> tags = new ArrayList<>();
        for (int sentence = 0; sentence < 6; sentence++) {
            words.addAll(List.of(pick(NAMES, random), "went", "to", pick(CITIES, random), "and", "then", "home", "."));
            tags.addAll(List.of("B-PER", "O", "O", "B-LOC", "O", "O", "O", "O"));
        }
        return Json.write(Map.of("tokens", words, "tags", tags, "split", split));
    }

    private JsonNode train(String name, List<String> rows, String taskOptions) {
        Answer dataset = api.upload(name, String.join("\n", rows));
        assertThat(dataset.status()).as("%s", dataset.json()).isEqualTo(201);
        Answer job =
                api.post("/api/v1/jobs", """
                {"base_model": "%s", "dataset": "%s", "task_options": %s,
                 "hyperparameters": {"epochs": 3, "batch_size": 16, "learning_rate": 5e-4, "max_length": %d}}""".formatted(models.shallow(), dataset.text("id"), taskOptions, MAX_LENGTH));
        assertThat(job.status()).as("%s", job.json()).isEqualTo(201);
        JsonNode ended = api.await(job.text("id"));
        assertThat(ended.get("status").asString()).as("%s", ended.get("error")).isEqualTo("succeeded");
        return ended;
    }

    private JsonNode predict(String model, Map<String, ?> request) {
        return post(model, request).get("predictions").get(0);
    }

    private JsonNode post(String model, Map<String, ?> request) {
        Answer answer = api.post("/api/v1/models/" + model + "/predict", Json.write(request));
        assertThat(answer.status()).as("%s", answer.json()).isEqualTo(200);
        return answer.json();
    }

    private static List<String> strings(JsonNode list) {
        return list.valueStream().map(JsonNode::asString).toList();
    }

    private static String pick(List<String> words, Random random) {
        return words.get(random.nextInt(words.size()));
    }
}
