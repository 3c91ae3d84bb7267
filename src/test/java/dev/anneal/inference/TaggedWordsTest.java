package dev.anneal.inference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import dev.anneal.testing.Api;
import dev.anneal.testing.Cases;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ReadyModels;
import dev.anneal.testing.ServerTest;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** The entities that a model finds in texts, after training on words. */
@ServerTest
class TaggedWordsTest {
    @Autowired
    Api api;

    @Autowired
    ReadyModels models;

    @Test
    void aChineseTextIsSplitIntoCharactersAsItsTrainingDataWas() throws IOException {
        String model = train("zh.conll", Files.readAllBytes(Cases.of("zh.conll")), 4);

        assertThat(entities(model, "王住在北京。")).containsExactly("PER 王 0-1", "LOC 北京 3-5");
        // Python counts an emoji as one character, UTF-16 as two
        assertThat(entities(model, "😀王住在北京。")).contains("LOC 北京 4-6");
        for (String text :
                List.of("王😀住在北京😀。", "𠮷王住在北京。", "👨‍👩‍👧 王住在北京。", "e\u0301 王住在\u00a0北京。", "王住在北京。🇨🇳王住在北京。")) {
            int[] characters = text.codePoints().toArray();
            List<String> found = entities(model, text);
            assertThat(found).as(text).anyMatch(entity -> entity.startsWith("LOC 北京 "));
            for (String entity : found) {
                String[] parts = entity.split(" |-(?=\\d+$)");
                int start = Integer.parseInt(parts[2]);
                int end = Integer.parseInt(parts[3]);
                assertThat(new String(characters, start, end - start)).as(text).isEqualTo(parts[1]);
            }
        }
    }

    private String train(String name, byte[] rows, int epochs) {
        Answer dataset = api.upload(name, rows, Map.of("task", "token-classification"));
        assertThat(dataset.status()).as("%s", dataset.json()).isEqualTo(201);
        Answer job = api.post("/api/v1/jobs", """
                {"base_model": "%s", "dataset": "%s",
                 "hyperparameters": {"epochs": %d, "batch_size": 16, "learning_rate": 5e-4, "max_length": 64}}""".formatted(models.shallow(), dataset.text("id"), epochs));
        assertThat(job.status()).as("%s", job.json()).isEqualTo(201);
        JsonNode ended = api.await(job.text("id"));
        assertThat(ended.get("status").asString()).as("%s", ended.get("error")).isEqualTo("succeeded");
        return ended.get("model").asString();
    }

    private List<String> entities(String model, String text) {
        Answer answer = api.post("/api/v1/models/" + model + "/predict", Json.write(Map.of("inputs", List.of(text))));
        assertThat(answer.status()).as("%s", answer.json()).isEqualTo(200);
        return answer.json()
                .get("predictions")
                .get(0)
                .get("entities")
                .valueStream()
                .map(entity -> "%s %s %d-%d"
                        .formatted(
                                entity.get("label").asString(),
                                entity.get("text").asString(),
                                entity.get("start").asInt(),
                                entity.get("end").asInt()))
                .toList();
    }
}
