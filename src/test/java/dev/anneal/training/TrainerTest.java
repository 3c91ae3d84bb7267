package dev.anneal.training;

import static dev.anneal.testing.ManyValues.assertSameBytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.anneal.evaluation.ClassificationReport;
import dev.anneal.json.Json;
import dev.anneal.training.process.ParentWatch;
import dev.anneal.training.process.WorkFiles;
import dev.anneal.transformer.Predictor;
import dev.anneal.transformer.TestModels;
import dev.anneal.transformer.weights.Safetensors;
import dev.anneal.transformer.weights.StoredTensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class TrainerTest {
    @TempDir
    Path directory;

    @Test
    void aModelIsTrainedTestedAndPublishedAndASecondRunGivesTheSameBytes() throws Exception {
        Path work = WorkDirectory.create(directory.resolve("one"), TestModels.small(), Map.of(), 60);
        TrainerProcess trainer = TrainerProcess.run(work);
        assertThat(trainer.exitCode()).as(trainer.lastError()).isZero();

        JsonNode start = trainer.events("start").get(0);
        assertThat(start.path("steps").asInt()).isEqualTo(16);
        assertThat(start.path("precision").asString()).isEqualTo("fp32");
        assertThat(start.path("test_examples").asInt()).isEqualTo(20);
        JsonNode step = trainer.events("step").get(0);
        assertThat(step.path("step").asInt()).isEqualTo(1);
        assertThat(step.path("percent").asDouble()).isCloseTo(100 / 16.0, within(1e-9));
        double trained = 2 * 60 - 8; // still to come, in examples
        // An example costs a third if it is only evaluated. The validation rows are once more, for the calibration in
        // the report.
        double evaluated = (2 * 20 + 20 + 20) / 3.0;
        assertThat(step.path("eta_seconds").asDouble())
                .isCloseTo(
                        (trained + evaluated) / step.path("examples_per_second").asDouble(), withinPercentage(0.01));
        JsonNode lastStep = trainer.events("step").get(trainer.events("step").size() - 1);
        assertThat(lastStep.path("percent").asDouble()).isEqualTo(100);
        List<JsonNode> epochs = trainer.events("epoch");
        assertThat(epochs).hasSize(2);
        assertThat(epochs.get(1).path("train_loss").asDouble())
                .isLessThan(epochs.get(0).path("train_loss").asDouble());
        assertThat(epochs.get(1).path("validation_loss").asDouble()).isLessThan(0.6);
        JsonNode last = trainer.events().get(trainer.events().size() - 1);
        assertThat(last.path("type").asString()).isEqualTo("done");
        assertThat(last.path("data").path("best").path("metric").asString()).isEqualTo("loss");
        assertThat(trainer.events("log").stream().map(log -> log.path("message").asString()))
                .as("what happens after the last step")
                .containsSubsequence(
                        "Evaluating the model on 20 test examples.",
                        "Comparing the model with its base model on general text.",
                        "Computing the baselines and the other findings of the report.",
                        "Saving the model.");

        ClassificationReport report =
                Json.read(Files.readString(work.resolve("report.json")), ClassificationReport.class);
        assertThat(report.split()).isEqualTo("test");
        assertThat(report.accuracy())
                .isEqualTo(
                        last.path("data").path("test_metrics").path("accuracy").asDouble());
        assertServedScoresAreThoseOf(work);

        Path again = WorkDirectory.create(directory.resolve("two"), TestModels.small(), Map.of(), 60);
        assertThat(TrainerProcess.run(again).exitCode()).isZero();
        assertSameBytes(again.resolve("model/model.safetensors"), work.resolve("model/model.safetensors"));
    }

    private static void assertServedScoresAreThoseOf(Path work) throws IOException {
        List<String> rows = Files.readAllLines(work.resolve("test.jsonl"));
        List<String> predictions = Files.readAllLines(work.resolve("predictions.jsonl"));
        assertThat(predictions).hasSameSizeAs(rows);
        try (Predictor classifier = Predictor.load(work.resolve("model"), "cpu")) {
            assertThat(classifier.maxLength()).isEqualTo(32);
            for (int i = 0; i < rows.size(); i++) {
                JsonNode line = Json.MAPPER.readTree(predictions.get(i));
                String text = Json.MAPPER.readTree(rows.get(i)).path("text").asString();
                float[] scores = classifier
                        .scores(List.of(classifier.encode(text, null)))
                        .get(0);
                assertThat(line.path("text_number").asInt()).isEqualTo(i + 1);
                assertThat(line.path("scores").path("negative").floatValue()).isCloseTo(scores[0], within(1e-5f));
                assertThat(line.path("scores").path("positive").floatValue()).isCloseTo(scores[1], within(1e-5f));
            }
        }
    }

    @Test
    void aClassifierOfTheSameLabelsKeepsItsHeadAndWithoutValidationTheLastEpochIsPublished() throws Exception {
        Path base = TestModels.tiny(directory.resolve("base"), "negative", "positive");
        Path work = WorkDirectory.create(directory.resolve("work"), base, Map.of("learning_rate", 1e-9), 16);
        Files.delete(work.resolve("validation.jsonl"));
        Files.delete(work.resolve("test.jsonl"));

        Training trainer = Training.run(work);

        assertThat(trainer.events("epoch").get(1).path("validation_loss").isNull())
                .isTrue();
        assertThat(trainer.events("done").get(0).path("best").path("epoch").asInt())
                .isEqualTo(2);
        assertThat(trainer.events("done").get(0).path("test_metrics").isNull()).isTrue();
        assertThat(work.resolve("report.json")).doesNotExist();
        try (Predictor before = Predictor.load(base, "cpu");
                Predictor after = Predictor.load(work.resolve("model"), "cpu")) {
            float[] expected =
                    before.scores(List.of(before.encode("the soup", null))).get(0);
            assertThat(after.scores(List.of(after.encode("the soup", null))).get(0))
                    .containsExactly(expected, within(1e-4f));
        }
    }

    @Test
    void aLossThatIsNoNumberEndsTrainingWithAdvice() throws Exception {
        Path base = TestModels.tiny(directory.resolve("base"));
        Training.Failure failure = Training.fail(
                WorkDirectory.create(directory.resolve("work"), base, Map.of("learning_rate", 1e30, "epochs", 3), 60));

        assertThat(failure.message()).startsWith("Training diverged").contains("learning_rate");
    }

    @Test
    void aNumberThatIsNoneInTheBaseModelIsNamedAndNotTheLearningRate() throws Exception {
        Path work = WorkDirectory.create(directory.resolve("work"), broken(Float.NaN), Map.of(), 60);

        assertThat(Training.fail(work).message())
                .contains("tensor '" + TENSOR + "' contains a number that is infinite or not a number")
                .doesNotContain("learning_rate");
    }

    @Test
    void anInfiniteLossBeforeTheFirstUpdateIsNotBlamedOnTheLearningRate() throws Exception {
        Path work = WorkDirectory.create(directory.resolve("work"), broken(3e38f), Map.of(), 60);

        assertThat(Training.fail(work).message())
                .startsWith("The loss or a gradient of the first step")
                .doesNotContain("learning_rate");
    }

    private static final String TENSOR = "encoder.layer.0.output.dense.weight";

    /** Returns a model with this number in all places of a tensor. */
    private Path broken(float number) throws IOException {
        return broken(TENSOR, 0, number);
    }

    /** Returns a model with this number in the places of a tensor from one on. */
    private Path broken(String tensor, int from, float number) throws IOException {
        Path base = TestModels.tiny(directory.resolve("base"));
        SortedMap<String, StoredTensor> tensors = new TreeMap<>(Safetensors.read(base.resolve("model.safetensors")));
        StoredTensor good = tensors.get(tensor);
        ByteBuffer values = ByteBuffer.allocate(good.bytes().get().remaining()).order(ByteOrder.LITTLE_ENDIAN);
        values.put(good.bytes().get()).position(from * Float.BYTES);
        while (values.hasRemaining()) {
            values.putFloat(number);
        }
        tensors.put(tensor, new StoredTensor("F32", good.shape(), () -> values.flip()));
        Path broken = Files.createDirectories(directory.resolve("broken"));
        for (String file : List.of("config.json", "tokenizer.json", "tokenizer_config.json")) {
            Files.copy(base.resolve(file), broken.resolve(file));
        }
        Safetensors.write(broken.resolve("model.safetensors"), tensors);
        return broken;
    }

    /** The only step of an epoch has no later step, so its loss is read when the epoch ends. */
    @Test
    void anInfiniteLossOfTheOnlyStepIsNotBlamedOnTheLearningRate() throws Exception {
        Path work = WorkDirectory.create(
                directory.resolve("work"), broken(3e38f), Map.of("batch_size", 64, "epochs", 1), 60);

        assertThat(Training.fail(work).message()).startsWith("The loss or a gradient of the first step");
    }

    /** The training rows are too short for the broken positions. */
    @Test
    void aLossThatIsNotFiniteInTheReportOfALanguageModelNamesTheTrainingAndNoOtherModel() throws Exception {
        Path base = broken("embeddings.position_embeddings.weight", 28 * 16, 3e38f);
        Path work = WorkDirectory.create(directory.resolve("work"), base, Map.of("epochs", 1), 1);
        WorkDirectory.set(work, "spec.json", Map.of("task", "masked-lm", "labels", List.of()));
        Files.write(work.resolve("train.jsonl"), Collections.nCopies(16, "{\"text\": \"the tea was cold\"}"));
        Files.delete(work.resolve("validation.jsonl"));
        Files.write(work.resolve("test.jsonl"), Collections.nCopies(4, "{\"text\": \"" + "tea ".repeat(60) + "\"}"));

        assertThat(Training.fail(work).message())
                .startsWith("The loss of the trained model on one of the test rows")
                .contains("lower learning_rate")
                .doesNotContain("another model");
    }

    @Test
    void onlyFaultsOfTheMachineMayPass() {
        assertThat(Trainer.mayPass(new UncheckedIOException(new IOException("disk full"))))
                .isTrue();
        for (String message : List.of(
                "CUDA error: an illegal memory access",
                "cuDNN error: CUDNN_STATUS_EXECUTION_FAILED",
                "cublasSgemm failed",
                "RuntimeError: cusolver error: 7")) {
            assertThat(Trainer.mayPass(new IllegalStateException(message)))
                    .as(message)
                    .isTrue();
        }
        assertThat(Trainer.mayPass(new IllegalStateException(new IOException("x"))))
                .isTrue();
        assertThat(Trainer.mayPass(new NullPointerException())).isFalse();
        assertThat(Trainer.mayPass(new IllegalArgumentException("shape"))).isFalse();
    }

    @Test
    void theLastLineSaysWhatIsWrongWithTheWorkDirectory() throws Exception {
        Path base = TestModels.tiny(directory.resolve("base"));
        Path work = WorkDirectory.create(directory.resolve("work"), base, Map.of(), 8);
        Files.writeString(work.resolve("test.jsonl"), "{\"text\": \"x\", \"label\": \"neutral\"}\n");
        TrainerProcess unknownLabel = TrainerProcess.run(work);
        assertThat(unknownLabel.exitCode()).isEqualTo(1);
        assertThat(unknownLabel.lastError())
                .isEqualTo("test.jsonl line 1: The label 'neutral' is not one of the job's labels.");

        Files.writeString(work.resolve("spec.json"), "garbage");
        TrainerProcess garbage = TrainerProcess.run(work);
        assertThat(garbage.exitCode()).isEqualTo(1);
        assertThat(garbage.lastError()).startsWith("spec.json is not valid");
        assertThat(garbage.events()).isEmpty();
    }

    @Test
    void aWatchedTrainerEndsWhenItsWorkerIsGone() throws Exception {
        Path base = TestModels.tiny(directory.resolve("base"));
        Path work = WorkDirectory.create(directory.resolve("work"), base, Map.of("epochs", 100_000), 60);
        TrainerProcess trainer = TrainerProcess.start(work, Map.of(ParentWatch.VARIABLE, "1"));
        trainer.awaitFirstStep();

        trainer.process().getOutputStream().close();

        assertThat(trainer.process().waitFor(5, TimeUnit.SECONDS)).isTrue();
        assertThat(trainer.exitCode()).isEqualTo(1);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void theKernelEndsATrainerBeforeTheServer() throws Exception {
        Path base = TestModels.tiny(directory.resolve("base"));
        Path work = WorkDirectory.create(directory.resolve("work"), base, Map.of("epochs", 100_000), 60);
        TrainerProcess trainer = TrainerProcess.start(work, Map.of());
        try {
            trainer.awaitFirstStep();

            assertThat(Path.of("/proc/" + trainer.process().pid() + "/oom_score_adj"))
                    .hasContent("1000");
        } finally {
            trainer.process().destroyForcibly().waitFor();
        }
    }

    @Test
    void aTerminatedTrainerLeavesACheckpointAndHasWrittenNothingButEvents() throws Exception {
        Path base = TestModels.tiny(directory.resolve("base"));
        Path work = WorkDirectory.create(directory.resolve("work"), base, Map.of("epochs", 100_000), 60);
        TrainerProcess trainer = TrainerProcess.start(work, Map.of());
        trainer.awaitFirstStep();

        trainer.process().destroy();

        assertThat(trainer.process().waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(trainer.exitCode()).isEqualTo(WorkFiles.STOPPED_EXIT_CODE);
        assertThat(trainer.events("checkpoint")).isNotEmpty();
        assertThat(Files.readString(work.resolve("out")).lines()).allMatch(line -> line.startsWith("{\"type\""));
    }

    @Test
    void underAWorkerATrainerOutlivesASignalToTheWholeGroup() throws Exception {
        Path base = TestModels.tiny(directory.resolve("base"));
        Path work = WorkDirectory.create(directory.resolve("work"), base, Map.of("epochs", 100_000), 60);
        TrainerProcess trainer = TrainerProcess.start(work, Map.of(ParentWatch.VARIABLE, "1"));
        trainer.awaitFirstStep();

        trainer.process().toHandle().destroy(); // Process.destroy() would close its standard input, too

        assertThat(trainer.process().waitFor(1, TimeUnit.SECONDS)).isFalse();
        trainer.process().destroyForcibly().waitFor();
    }
}
