package dev.anneal.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import dev.anneal.transformer.TestModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Real trainer processes that end too early, and others that go on: nobody can tell from the model. */
class ResumeTest {
    private static final Map<String, Object> FULL = Map.of("type", "full");

    @TempDir
    Path directory;

    @Test
    void aClassifierGoesOnFromEachOfItsCheckpoints() throws Exception {
        assertSameFromEverywhere(Map.of(), Map.of(), List.of(1, 4, 5, 7, 10));
    }

    @Test
    void lowRankCorrectionsGoOn() throws Exception {
        Map<String, Object> lora =
                Map.of("type", "lora", "r", 4, "alpha", 8, "dropout", 0.1, "target_modules", List.of("query", "value"));
        assertSameFromEverywhere(Map.of("method", lora), Map.of(), List.of(3, 5, 8));
    }

    @Test
    void whatFrozenLayersComputeIsComputedAgain() throws Exception {
        Map<String, Object> frozen = Map.of("type", "frozen", "frozen_layers", 1, "freeze_embeddings", true);
        assertSameFromEverywhere(Map.of("method", frozen), Map.of(), List.of(2, 5));
    }

    @Test
    void theSameTokensAreHidden() throws Exception {
        assertSameFromEverywhere(Map.of("task", "masked-lm", "labels", List.of()), Map.of(), List.of(2, 5, 9));
    }

    @Test
    void accumulatedGradientsAreOneStep() throws Exception {
        assertSameFromEverywhere(Map.of(), Map.of("gradient_accumulation_steps", 2, "batch_size", 3), List.of(2, 7, 8));
    }

    @Test
    void anEpochWithoutGainBeforeAndOneAfterTheInterruptionEndTraining() throws Exception {
        Map<String, Object> stopping =
                Map.of("early_stopping", Map.of("metric", "loss", "patience", 2, "min_delta", 100.0));
        assertSameFromEverywhere(stopping, Map.of("epochs", 9), List.of(5, 8, 10, 15));
    }

    private void assertSameFromEverywhere(
            Map<String, Object> spec, Map<String, Object> hyperparameters, List<Integer> steps) throws Exception {
        TrainerProcess whole = run("whole", spec, hyperparameters, checkpoints(null, 2));
        TrainerProcess kept = run("kept", spec, hyperparameters, checkpoints(1, 100));
        assertSame(kept, whole);
        for (int step : steps) {
            Map<String, Object> from = checkpoints(null, 2);
            from.put(
                    "from",
                    directories(kept.directory())
                            .filter(path -> step(path) <= step)
                            .sorted(Comparator.reverseOrder())
                            .map(Path::toString)
                            .toList());
            TrainerProcess resumed = run("from-" + step, spec, hyperparameters, from);
            assertThat(resumed.events("start").get(0).path("resumed_from_step").asInt())
                    .isEqualTo(step);
            assertSame(resumed, whole);
        }
    }

    private static void assertSame(TrainerProcess resumed, TrainerProcess whole) throws IOException {
        assertThat(resumed.directory().resolve("model/model.safetensors"))
                .hasSameBinaryContentAs(whole.directory().resolve("model/model.safetensors"));
        List<JsonNode> all = figures(whole);
        List<JsonNode> some = figures(resumed);
        assertThat(all.subList(all.size() - some.size(), all.size())).isEqualTo(some);
        JsonNode done = whole.events("done").get(0);
        assertThat(resumed.events("done")).containsExactly(done);
        assertThat(directories(resumed.directory()).map(Path::toString)).noneMatch(name -> name.endsWith(".tmp"));
    }

    /** The epochs without what depends on the clock. */
    private static List<JsonNode> figures(TrainerProcess trainer) throws IOException {
        List<JsonNode> epochs = trainer.events("epoch");
        epochs.forEach(epoch -> ((ObjectNode) epoch).remove(List.of("seconds", "examples_per_second")));
        return epochs;
    }

    private TrainerProcess run(
            String name, Map<String, Object> spec, Map<String, Object> hyperparameters, Map<String, Object> checkpoints)
            throws Exception {
        TrainerProcess trainer = TrainerProcess.run(work(name, spec, hyperparameters, checkpoints));
        assertThat(trainer.exitCode()).as(trainer.lastError()).isZero();
        return trainer;
    }

    private Path work(
            String name, Map<String, Object> spec, Map<String, Object> hyperparameters, Map<String, Object> checkpoints)
            throws IOException {
        Path base = directory.resolve("base");
        if (!Files.exists(base)) {
            TestModels.tiny(base);
        }
        Map<String, Object> few = new LinkedHashMap<>(Map.of("epochs", 3, "max_length", 16, "batch_size", 6));
        few.put("learning_rate", 5e-3);
        few.putAll(hyperparameters);
        Path work = WorkDirectory.create(directory.resolve(name), base, few, 25);
        Map<String, Object> all =
                new LinkedHashMap<>(Json.read(Files.readString(work.resolve("spec.json")), Map.class));
        all.putAll(spec);
        all.put("checkpoints", checkpoints);
        all.put("threads", 1);
        Files.writeString(work.resolve("spec.json"), Json.write(all));
        return work;
    }

    private static Map<String, Object> checkpoints(Integer everySteps, int keep) {
        Map<String, Object> checkpoints = new LinkedHashMap<>();
        checkpoints.put("every_steps", everySteps);
        checkpoints.put("keep", keep);
        return checkpoints;
    }

    private static Stream<Path> directories(Path work) throws IOException {
        return Arrays.stream(work.resolve("checkpoints").toFile().listFiles())
                .map(java.io.File::toPath)
                .sorted();
    }

    private static int step(Path checkpoint) {
        return Integer.parseInt(checkpoint.getFileName().toString());
    }
}
