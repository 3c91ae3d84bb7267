package dev.anneal.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import dev.anneal.transformer.ModelFiles;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.generate.Generation;
import dev.anneal.transformer.generate.Generation.FinishReason;
import dev.anneal.transformer.generate.Greedy;
import dev.anneal.transformer.generate.TextGenerator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Small decoders in real trainer processes: what they were taught to say, they say. */
class CausalTrainingTest {
    private static final Map<String, Object> FULL = Map.of("type", "full");
    private static final List<Map<String, Object>> QUESTION =
            List.of(Map.of("role", "user", "content", "where are the boats"));

    @TempDir
    Path directory;

    @Test
    void aConversationIsLearnedUpToTheEndOfTheTurn() throws Exception {
        JsonNode test = train("qwen2", FULL, "fp32", Map.of("messages", conversation()));

        assertThat(test.path("perplexity").asDouble()).isBetween(1.0, 1.1);
        assertAnswers();
        assertThat(ModelFiles.inspect(model()).task()).isEqualTo(Task.CAUSAL_LM);
    }

    @Test
    void aModelWithoutATemplateIsTrainedAndSavedWithTheDefaultOne() throws Exception {
        JsonNode test = train("gpt2", FULL, "bf16", Map.of("messages", conversation()));

        assertThat(test.path("perplexity").asDouble()).isBetween(1.0, 1.1);
        assertAnswers();
        assertThat(Files.readString(model().resolve("tokenizer_config.json"))).contains("\"chat_template\"");
    }

    @Test
    void lowRankCorrectionsAndFrozenLayersLearnToo() throws Exception {
        Map<String, Object> lora = Map.of(
                "type",
                "lora",
                "r",
                16,
                "alpha",
                32,
                "dropout",
                0.0,
                "target_modules",
                List.of("q_proj", "v_proj", "down_proj"));
        JsonNode test = train("llama", lora, "fp32", Map.of("prompt", "the river", "completion", " runs to the shop"));
        assertThat(test.path("perplexity").asDouble()).isBetween(1.0, 30.0);

        Map<String, Object> frozen = Map.of("type", "frozen", "frozen_layers", 1, "freeze_embeddings", true);
        test = train("mistral", frozen, "fp32", Map.of("text", "the river runs to the shop and the boats came home"));
        assertThat(test.path("perplexity").asDouble()).isBetween(1.0, 30.0);
    }

    private static List<Map<String, Object>> conversation() {
        return List.of(QUESTION.get(0), Map.of("role", "assistant", "content", "they came home"));
    }

    private void assertAnswers() {
        try (TextGenerator generator = TextGenerator.load(model(), "cpu", 1)) {
            Generation answer = generator.generate(generator.encode(QUESTION), Greedy.options(30), piece -> {});
            assertThat(answer.text().strip()).isEqualTo("they came home");
            assertThat(answer.finishReason()).isEqualTo(FinishReason.STOP);
        }
    }

    private Path model() {
        return directory.resolve("work/model");
    }

    /** The test metrics of a model that sees nothing but one row. */
    private JsonNode train(String base, Map<String, Object> method, String precision, Map<String, Object> row)
            throws Exception {
        Path models = Path.of("src/test/resources/models").toAbsolutePath();
        Map<String, Object> hyperparameters =
                Map.of("epochs", 20, "learning_rate", 1e-2, "dropout", 0.0, "max_length", 64, "precision", precision);
        Path work = WorkDirectory.create(directory.resolve("work"), models.resolve(base), hyperparameters, 1);
        WorkDirectory.set(work, "spec.json", Map.of("task", "causal-lm", "labels", List.of(), "method", method));
        write(work, "train", 60, row);
        write(work, "validation", 2, row);
        write(work, "test", 2, row);

        TrainerProcess trainer = TrainerProcess.run(work);
        assertThat(trainer.exitCode()).as(trainer.lastError()).isZero();
        return trainer.events("done").get(0).path("test_metrics");
    }

    private static void write(Path work, String split, int rows, Map<String, Object> row) throws IOException {
        Files.write(
                work.resolve(split + ".jsonl"),
                IntStream.range(0, rows).mapToObj(i -> Json.write(row)).toList());
    }
}
