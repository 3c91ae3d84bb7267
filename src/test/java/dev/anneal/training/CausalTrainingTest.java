package dev.anneal.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.anneal.files.GzipLines;
import dev.anneal.json.Json;
import dev.anneal.spec.EvaluationSpec;
import dev.anneal.testing.Cases;
import dev.anneal.training.process.WorkFiles;
import dev.anneal.transformer.ModelFiles;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.generate.Generation;
import dev.anneal.transformer.generate.Generation.FinishReason;
import dev.anneal.transformer.generate.Greedy;
import dev.anneal.transformer.generate.TextGenerator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Small decoders: what they were taught to say, they say. */
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
        JsonNode report = Json.MAPPER.readTree(Files.readString(model().resolveSibling("report.json")));
        assertThat(report.path("token_accuracy").asDouble()).isGreaterThan(0.9);
        JsonNode answers = report.path("answers");
        assertThat(answers.path("model").path("answers").asInt()).isPositive();
        assertThat(answers.path("model").path("exact_match").asDouble()).isEqualTo(1);
        assertThat(answers.path("model").path("rouge_l").asDouble()).isEqualTo(1);
        assertThat(answers.path("model").path("chrf").asDouble()).isEqualTo(100);
        assertThat(answers.path("base_model").path("answers").asInt())
                .isEqualTo(answers.path("model").path("answers").asInt());
        assertThat(answers.path("base_model").path("chrf").asDouble()).isLessThan(100);
        assertThat(answers.path("samples").path(0).path("prompt").asString()).isEqualTo("where are the boats");
        assertThat(answers.path("samples").path(0).path("base_answer").isString())
                .isTrue();
    }

    @Test
    void anEvaluationHasTheAnswersToTheFirstRowsAndWhetherEachIsTheWantedOne() throws Exception {
        train("qwen2", FULL, "fp32", Map.of("messages", conversation()));
        Path work = WorkDirectory.create(directory.resolve("evaluation"), model(), Map.of(), 1);
        WorkDirectory.set(
                work,
                "spec.json",
                Map.of(
                        "task",
                        "causal-lm",
                        "labels",
                        List.of(),
                        "task_options",
                        Map.of("generated_answers", 2),
                        "evaluation",
                        new EvaluationSpec(null, 3, true, Map.of())));
        List<Map<String, Object>> other = List.of(QUESTION.get(0), Map.of("role", "assistant", "content", "they left"));
        Files.write(
                work.resolve("all.jsonl"),
                List.of(
                        Json.write(Map.of("row", 4, "messages", conversation())),
                        Json.write(Map.of("row", 5, "messages", other)),
                        Json.write(Map.of("row", 6, "messages", conversation()))));

        Training.run(work);

        List<JsonNode> rows = new ArrayList<>();
        new GzipLines(work.resolve(WorkFiles.RESULT)).forEachAfter(0, line -> rows.add(Json.MAPPER.readTree(line)));
        assertThat(rows).extracting(row -> row.path("number").asInt()).containsExactly(4, 5, 6);
        assertThat(rows.get(0).path("answer").asString().strip()).isEqualTo("they came home");
        assertThat(rows.get(0).path("expected").asString()).isEqualTo("they came home");
        assertThat(rows.get(0).path("right").asBoolean()).isTrue();
        assertThat(rows.get(0).path("answer_cut").asBoolean()).isFalse();
        assertThat(rows.get(0).path("rouge_l").asDouble()).isEqualTo(1);
        assertThat(rows.get(0).path("chrf").asDouble()).isEqualTo(100);
        assertThat(rows.get(1).path("expected").asString()).isEqualTo("they left");
        assertThat(rows.get(1).path("right").asBoolean()).isFalse();
        assertThat(rows.get(1).path("rouge_l").asDouble()).isCloseTo(0.4, within(1e-9));
        assertThat(rows.get(1).path("chrf").asDouble()).isBetween(1.0, 99.0);
        assertThat(rows.get(2).has("answer")).as("only two answers").isFalse();
        assertThat(rows.get(2).path("token_count").asInt()).isPositive();
        JsonNode answers = Json.MAPPER
                .readTree(Files.readString(work.resolve(WorkFiles.REPORT)))
                .path("answers");
        assertThat(answers.path("model").path("answers").asInt()).isEqualTo(2);
        assertThat(answers.path("model").path("exact_match").asDouble()).isEqualTo(0.5);
        assertThat(answers.has("base_model")).isFalse();
        assertThat(answers.path("samples").path(1).has("base_answer")).isFalse();
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

    /** The case has prompts of 170 characters before half of the completions. */
    @Test
    void rowsBeyondMaxLengthAreCountedAndStillLearned() throws Exception {
        Path work = work("llama", FULL, Map.of("epochs", 1, "max_length", 32, "precision", "fp32"));
        split(work, Files.readAllLines(Cases.of("completion-beyond-max-length.jsonl")));

        Training trainer = Training.run(work);

        JsonNode start = trainer.events("start").get(0);
        assertThat(start.path("truncated").asInt()).isEqualTo(30);
        assertThat(start.path("tokens_left_out").asInt()).isPositive();
        assertThat(trainer.events("log").toString())
                .contains("30 of 60 training examples", "10 of 20 validation examples");
        JsonNode report = Json.MAPPER.readTree(Files.readString(work.resolve("report.json")));
        assertThat(report.path("truncated").asInt()).isEqualTo(10);
        assertThat(report.path("examples").asInt()).isEqualTo(20);
        assertThat(report.path("tokens").asInt())
                .as("two completion tokens or more each")
                .isGreaterThan(40);
        assertThat(report.path("loss").asDouble()).isPositive();
    }

    /** The events of a trainer are those of its job. */
    @Test
    void aFieldOfMessagesThatTheTemplateIgnoresIsNamedInTheEvents() throws Exception {
        Path work = work("llama", FULL, Map.of("epochs", 1, "max_length", 64, "precision", "fp32"));
        String row = Json.write(Map.of(
                "messages",
                List.of(
                        Map.of("role", "user", "name", "Anna", "content", "the river"),
                        Map.of("role", "assistant", "content", "runs home"))));
        for (String split : List.of("train", "validation", "test")) {
            Files.writeString(work.resolve(split + ".jsonl"), (row + "\n").repeat(8));
        }

        Training trainer = Training.run(work);

        assertThat(trainer.events("log")).anySatisfy(log -> {
            assertThat(log.path("level").asString()).isEqualTo("warn");
            assertThat(log.path("message").asString())
                    .isEqualTo(
                            "The chat template of the base model does not use the field 'name' of messages, so it is not learned.");
        });
    }

    /** The training rows of the case fit, and each of its validation rows would lose most of its prompt. */
    @Test
    void aValidationSplitOfWhichNoRowFitsIsRefusedBeforeTraining() throws Exception {
        Path work = work("llama", FULL, Map.of("epochs", 2, "max_length", 32, "precision", "fp32"));
        split(work, Files.readAllLines(Cases.of("validation-beyond-max-length.jsonl")));

        Training.Failure refused = Training.fail(work);

        assertThat(refused.message())
                .matches("None of the 10 validation rows fits within max_length \\(32\\), but all training rows do\\."
                        + " .* Use other rows, or raise max_length: the longest of these rows has \\d+ tokens\\.");
        assertNoStep(refused);

        Map<String, Object> whole = Map.of("prompt", "Q 60: ", "completion", "0");
        Files.writeString(work.resolve("validation.jsonl"), Json.write(whole), StandardOpenOption.APPEND);
        assertThat(Training.run(work).events("epoch"))
                .allMatch(epoch -> epoch.path("validation_loss").asDouble() > 0);
    }

    @Test
    void aSplitWithNothingToScoreIsRefusedBeforeTraining() throws Exception {
        Path work = work("gpt2", FULL, Map.of("epochs", 1, "max_length", 32, "precision", "fp32"));
        // A tokenizer without an end token leaves a text of one token nothing to predict.
        Path base = directory.resolve("base");
        Files.createDirectories(base);
        Path models = Path.of("src/test/resources/models/gpt2");
        for (String name : List.of("config.json", "model.safetensors", "tokenizer.json")) {
            Files.copy(models.resolve(name), base.resolve(name));
        }
        WorkDirectory.set(
                work,
                "placement.json",
                Map.of("base_model", base.toAbsolutePath().toString()));
        Map<String, Object> row = Map.of("text", "the river runs to the shop");
        write(work, "train", 8, row);
        write(work, "validation", 2, Map.of("text", "a"));
        Files.deleteIfExists(work.resolve("test.jsonl"));

        Training.Failure validation = Training.fail(work);
        assertThat(validation.message())
                .isEqualTo("The validation rows have nothing to score within max_length (32)."
                        + " Raise max_length, or use other rows.");
        assertNoStep(validation);

        write(work, "train", 8, Map.of("text", "a"));
        assertThat(Training.fail(work).message())
                .startsWith("The training rows have nothing to learn within max_length (32).");

        Files.write(work.resolve("train.jsonl"), List.of(Json.write(row), "{\"text\":\"a\"}", Json.write(row)));
        Files.delete(work.resolve("validation.jsonl"));
        write(work, "test", 2, Map.of("text", "a"));
        Training.Failure test = Training.fail(work);
        assertThat(test.message()).startsWith("The test rows have nothing to score within max_length (32).");
        assertNoStep(test);

        Files.delete(work.resolve("test.jsonl"));
        Training mixed = Training.run(work);
        assertThat(mixed.events("log").toString()).contains("1 of 3 training examples have nothing to learn");
        assertThat(mixed.events("start").get(0).path("train_examples").asInt())
                .as("both texts in one packed row")
                .isEqualTo(1);
    }

    @Test
    void aRowThatTheTemplateRefusesIsNamedByItsNumberInTheDataset() throws Exception {
        Path work = work("llama", FULL, Map.of("epochs", 1, "max_length", 32, "precision", "fp32"));
        Path base = directory.resolve("base");
        Files.createDirectories(base);
        Path models = Path.of("src/test/resources/models/llama");
        for (String name : List.of("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")) {
            Files.copy(models.resolve(name), base.resolve(name));
        }
        Files.writeString(base.resolve("chat_template.jinja"), "{{ raise_exception('No system here') }}");
        WorkDirectory.set(
                work,
                "placement.json",
                Map.of("base_model", base.toAbsolutePath().toString()));
        write(work, "train", 1, Map.of("row", 17, "messages", conversation()));

        assertThat(Training.fail(work).message())
                .isEqualTo(
                        "Row 17 of the dataset (split train): The chat template refuses the messages: No system here");
    }

    private static void assertNoStep(Training.Failure failure) {
        assertThat(failure.events())
                .noneMatch(event -> event.path("type").asString().equals("step"));
    }

    private static void split(Path work, List<String> rows) throws IOException {
        List<String> validation =
                rows.stream().filter(row -> row.contains("\"validation\"")).toList();
        Files.write(
                work.resolve("train.jsonl"),
                rows.stream().filter(row -> !validation.contains(row)).toList());
        Files.write(work.resolve("validation.jsonl"), validation);
        Files.deleteIfExists(work.resolve("test.jsonl"));
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
        Map<String, Object> hyperparameters =
                Map.of("epochs", 20, "learning_rate", 1e-2, "dropout", 0.0, "max_length", 64, "precision", precision);
        Path work = work(base, method, hyperparameters);
        write(work, "train", 60, row);
        write(work, "validation", 2, row);
        write(work, "test", 2, row);

        return Training.run(work).events("done").get(0).path("test_metrics");
    }

    private Path work(String base, Map<String, Object> method, Map<String, Object> hyperparameters) throws IOException {
        Path models = Path.of("src/test/resources/models").toAbsolutePath();
        Path work = WorkDirectory.create(directory.resolve("work"), models.resolve(base), hyperparameters, 1);
        Map<String, Object> options = Map.of("generated_answers", 20);
        WorkDirectory.set(
                work,
                "spec.json",
                Map.of("task", "causal-lm", "labels", List.of(), "method", method, "task_options", options));
        return work;
    }

    private static void write(Path work, String split, int rows, Map<String, Object> row) throws IOException {
        Files.write(
                work.resolve(split + ".jsonl"),
                IntStream.range(0, rows).mapToObj(i -> Json.write(row)).toList());
    }
}
