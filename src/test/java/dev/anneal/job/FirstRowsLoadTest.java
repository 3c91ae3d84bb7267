package dev.anneal.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import dev.anneal.model.Zips;
import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ServerTest;
import dev.anneal.testing.TestServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;
import org.springframework.util.FileSystemUtils;
import tools.jackson.databind.node.ObjectNode;

/** Many jobs with a base model whose tokenizer is slow: other requests are answered. */
@ServerTest
@Timeout(120)
@TestPropertySource(properties = {"anneal.roles=api,inference", "server.tomcat.threads.max=24"})
class FirstRowsLoadTest {
    @Autowired
    Api api;

    @Test
    void otherRequestsAreAnsweredWhileManyJobsWaitForTheCheckOfTheirRows() throws Exception {
        Path directory = TestServer.newDirectory();
        FileSystemUtils.copyRecursively(Path.of("src/test/resources/models/llama"), directory);
        Files.delete(directory.resolve("golden.json"));
        Path file = directory.resolve("tokenizer.json");
        ObjectNode tokenizer = (ObjectNode) Json.MAPPER.readTree(Files.readString(file));
        tokenizer.set("pre_tokenizer", Json.MAPPER.readTree("""
                {"type": "Split", "pattern": {"Regex": "(q+q+)+z"}, "behavior": "Isolated", "invert": false}"""));
        Files.writeString(file, Json.write(tokenizer));
        Answer model = api.uploadTo(
                "/api/v1/models/upload", "m.zip", Zips.of(directory, "").bytes(), Map.of("name", "slow"));
        assertThat(model.status()).as("%s", model.json()).isEqualTo(201);
        String row = "{\"messages\":[{\"role\":\"user\",\"content\":\"" + "q".repeat(21)
                + "\"},{\"role\":\"assistant\",\"content\":\"a\"}]}\n";
        Answer dataset = api.upload("chat.jsonl", row.repeat(30).getBytes(StandardCharsets.UTF_8), Map.of());
        assertThat(dataset.status()).as("%s", dataset.json()).isEqualTo(201);
        String job = "{\"base_model\":\"slow\",\"dataset\":\"" + dataset.text("id") + "\"}";

        ExecutorService threads = Executors.newCachedThreadPool();
        List<CompletableFuture<Answer>> jobs = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            jobs.add(CompletableFuture.supplyAsync(() -> api.inAnOutage().post("/api/v1/jobs", job), threads));
        }
        TimeUnit.SECONDS.sleep(1); // they wait for the model
        long begin = System.nanoTime();
        assertThat(api.get("/api/v1/datasets").status()).isEqualTo(200);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(2));

        for (CompletableFuture<Answer> answer : jobs) {
            assertThat(answer.get(60, TimeUnit.SECONDS).status()).isEqualTo(201);
        }
        threads.shutdown();
    }
}
