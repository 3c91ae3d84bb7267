package dev.anneal.training;

import static dev.anneal.testing.ManyValues.assertSameBytes;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A run that resumes from a checkpoint produces the same model, to the byte, as an uninterrupted one. */
class ResumeTest {
    @TempDir
    Path directory;

    private boolean replayed;

    @Test
    void aClassifierResumesFromEachOfItsCheckpoints() throws Exception {
        assertSameFromEverywhere(Map.of(), Map.of(), List.of(1, 4, 5, 7, 10));
    }

    @Test
    void aClassifierResumesInBf16FromEachOfItsCheckpoints() throws Exception {
        assertSameFromEverywhere(Map.of(), Map.of("precision", "bf16"), List.of(1, 5, 7));
    }

    @Test
    void aRunWithGradientCheckpointingResumesToTheSameModelAsOneWithout() throws Exception {
        Map<String, Object> checkpointing = Map.of("gradient_checkpointing", true, "precision", "bf16");
        Training with = assertSameFromEverywhere(Map.of(), checkpointing, List.of(4, 7));
        Training without = run("without", Map.of(), Map.of("precision", "bf16"), ShortRuns.checkpoints(null, 2));
        assertSame(with, without);
    }

    @Test
    void aSlotWithLessMemoryThanTheEstimateTrainsTheSameModelWithGradientCheckpointing() throws Exception {
        Training enough = runIn("enough", 1_000_000_000_000L);
        Training little = runIn("little", 1_000L);

        assertThat(logged(enough)).isEmpty();
        assertThat(logged(little))
                .singleElement()
                .asString()
                .contains("Without it, the job needs an estimated ")
                .contains("but the slot has 0 MB");
        assertSame(little, enough);
    }

    private Training runIn(String name, long memory) throws Exception {
        Path work = ShortRuns.work(directory, name, Map.of(), Map.of(), ShortRuns.checkpoints(null, 2));
        WorkDirectory.set(work, "placement.json", Map.of("memory", memory));
        return Training.run(work);
    }

    private static List<String> logged(Training trainer) {
        return trainer.events("log").stream()
                .map(event -> event.path("message").asString())
                .filter(message -> message.startsWith("Gradient checkpointing is on."))
                .toList();
    }

    @Test
    void aSubsetOfOtherRowsStartsAtTheFirstStep() throws Exception {
        Path first = subset("first", 1, ShortRuns.checkpoints(2, 2));
        Training.run(first);
        Training same = Training.run(subset("same", 1, ShortRuns.checkpointsFrom(first, 4)));
        assertThat(same.events("start").get(0).path("resumed_from_step").asInt())
                .isEqualTo(4);

        Training other = Training.run(subset("other", 2, ShortRuns.checkpointsFrom(first, 4)));

        assertThat(other.events("start").get(0).path("resumed_from_step").isNull())
                .isTrue();
        assertThat(other.events("log").toString()).contains("it is of a run that drew other rows for the subset");
    }

    /** Prepares a run on a subset whose rows have numbers from this one on. */
    private Path subset(String name, int number, Map<String, Object> checkpoints) throws IOException {
        Map<String, Object> subset = Map.of("subset", Map.of("rows", 25));
        Path work = ShortRuns.work(directory, name, subset, Map.of("epochs", 1), checkpoints);
        Path train = work.resolve("train.jsonl");
        List<String> rows = Files.readAllLines(train);
        Files.write(
                train,
                IntStream.range(0, rows.size())
                        .mapToObj(i ->
                                "{\"row\":" + (number + i) + "," + rows.get(i).substring(1))
                        .toList());
        return work;
    }

    @Test
    void lowRankCorrectionsAreTheSameInBf16() throws Exception {
        Map<String, Object> lora =
                Map.of("type", "lora", "r", 4, "alpha", 8, "dropout", 0.1, "target_modules", List.of("query", "value"));
        assertSameFromEverywhere(Map.of("method", lora), Map.of("precision", "bf16"), List.of(3, 5));
    }

    @Test
    void lowRankCorrectionsGoOn() throws Exception {
        Map<String, Object> lora =
                Map.of("type", "lora", "r", 4, "alpha", 8, "dropout", 0.1, "target_modules", List.of("query", "value"));
        assertSameFromEverywhere(Map.of("method", lora), Map.of(), List.of(3, 5, 8));
    }

    @Test
    void aPullToTheBaseIsTowardsTheSameWeights() throws Exception {
        assertSameFromEverywhere(Map.of(), Map.of("l2_to_base", 20), List.of(3, 5, 8));
    }

    @Test
    void theMainDirectionsOfTheBaseAreFoundAgain() throws Exception {
        assertSameFromEverywhere(Map.of(), Map.of("unfreeze_rank_ratio", 0.25), List.of(3, 5, 8));
    }

    @Test
    void bothPullsToTheBaseAreTheSameInBf16() throws Exception {
        assertSameFromEverywhere(
                Map.of(), Map.of("unfreeze_rank_ratio", 0.25, "l2_to_base", 5, "precision", "bf16"), List.of(4, 8));
    }

    @Test
    void replayedRowsAreMixedInAgain() throws Exception {
        replayed = true;
        assertSameFromEverywhere(Map.of("replay", Map.of("dataset", "ds_2", "share", 0.2)), Map.of(), List.of(3, 6, 7));
    }

    @Test
    void theOutputOfFrozenLayersIsComputedAgain() throws Exception {
        Map<String, Object> frozen = Map.of("type", "frozen", "frozen_layers", 1, "freeze_embeddings", true);
        assertSameFromEverywhere(Map.of("method", frozen), Map.of(), List.of(2, 5));
    }

    @Test
    void fewShotDrawsTheSamePairsAndFitsTheSameLayer() throws Exception {
        Map<String, Object> method = Map.of("method", Map.of("type", "few_shot"));
        assertSameFromEverywhere(method, Map.of("batch_size", 200, "eval_steps", 3), List.of(2, 3, 5, 7, 10, 15));
    }

    @Test
    void theSameTokensAreHidden() throws Exception {
        Map<String, Object> task = Map.of("task", "masked-lm", "labels", List.of());
        assertSameFromEverywhere(task, Map.of("eval_steps", 4), List.of(2, 4, 5, 9));
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

    @Test
    void validationsWithinEpochsBeforeAndAfterTheInterruptionEndTraining() throws Exception {
        Map<String, Object> stopping =
                Map.of("early_stopping", Map.of("metric", "loss", "patience", 4, "min_delta", 100.0));
        Training whole = assertSameFromEverywhere(stopping, Map.of("eval_steps", 2), List.of(2, 3, 5, 7));

        assertThat(figures(whole).stream().map(metrics -> metrics.path("step").asInt()))
                .as("four validations without a gain after the first")
                .containsExactly(2, 4, 5, 6, 8);
    }

    private Training assertSameFromEverywhere(
            Map<String, Object> spec, Map<String, Object> hyperparameters, List<Integer> steps) throws Exception {
        Training whole = run("whole", spec, hyperparameters, ShortRuns.checkpoints(null, 2));
        Training kept = run("kept", spec, hyperparameters, ShortRuns.checkpoints(1, 100));
        assertSame(kept, whole);
        for (int step : steps) {
            Map<String, Object> from = ShortRuns.checkpointsFrom(kept.directory(), step);
            Training resumed = run("from-" + step, spec, hyperparameters, from);
            assertThat(resumed.events("start").get(0).path("resumed_from_step").asInt())
                    .isEqualTo(step);
            assertSame(resumed, whole);
        }
        return whole;
    }

    static void assertSame(Training resumed, Training whole) throws IOException {
        assertSameBytes(
                resumed.directory().resolve("model/model.safetensors"),
                whole.directory().resolve("model/model.safetensors"));
        List<JsonNode> all = figures(whole);
        List<JsonNode> some = figures(resumed);
        assertThat(all.subList(all.size() - some.size(), all.size())).isEqualTo(some);
        JsonNode done = whole.events("done").get(0);
        assertThat(resumed.events("done")).containsExactly(done);
        assertThat(ShortRuns.directories(resumed.directory()).map(Path::toString))
                .noneMatch(name -> name.endsWith(".tmp"));
    }

    /** The validations without what depends on the clock. */
    private static List<JsonNode> figures(Training trainer) throws IOException {
        List<JsonNode> validations = trainer.validations();
        validations.forEach(metrics ->
                ((ObjectNode) metrics).remove(List.of("seconds", "examples_per_second", "evaluated_per_second")));
        return validations;
    }

    /** In this process, which saves the start of another one. */
    private Training run(
            String name, Map<String, Object> spec, Map<String, Object> hyperparameters, Map<String, Object> checkpoints)
            throws Exception {
        Path work = ShortRuns.work(directory, name, spec, hyperparameters, checkpoints);
        if (replayed) {
            Files.write(
                    work.resolve("replay.jsonl"),
                    IntStream.range(0, 8)
                            .mapToObj(i ->
                                    "{\"row\":%d,\"text\":\"more tea %d\",\"label\":\"positive\"}".formatted(i + 1, i))
                            .toList());
        }
        return Training.run(work);
    }
}
